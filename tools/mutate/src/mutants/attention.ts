import { mutantsOf } from '../mutant';

const told = ['packages/fusion/src/tell-attention'];

/** Faults of attention maps: whose tokens, of which rows, and through what. */
export const attentionFaults = [
  ...mutantsOf('packages/fusion/src/tell-attention.ts', told, {
    'attention maps: heads are added up': ['tf.mean<tf.Tensor3D>(weights, 1)', 'tf.sum<tf.Tensor3D>(weights, 1)'],
    'attention maps: who asks and who is asked are exchanged': [
      'tf.split(mean, lengthsOf(queries), 1)',
      'tf.split(tf.transpose(mean, [0, 2, 1]), lengthsOf(queries), 1)',
    ],
    'attention maps: rows that lack a slot have some': ['tf.mul(ofKeys[column], own)', 'ofKeys[column]!'],
  }),
  ...mutantsOf('packages/fusion/src/bottleneck-reach.ts', told, {
    'attention maps: bottlenecks forget what they had': [
      'const carried = former ?',
      'const carried = former === null ?',
    ],
    'attention maps: bottlenecks are averaged over absent modalities': [
      'tf.addN(parts.map(({ isThere }) => isThere))',
      'tf.fill([this.#size, 1, 1], parts.length)',
    ],
    'attention maps: what tokens give to their own is left out': [
      'query === slot ? tf.add<tf.Tensor3D>(tokens.toTokens, through) : through',
      'through',
    ],
    'attention maps: bottlenecks are read as they will be': [
      'const through = tf.matMul<tf.Tensor3D>(tokens.toBottlenecks, reached);',
      'const through = tf.mul<tf.Tensor3D>(tf.sum(tokens.toBottlenecks, 2, true), tf.mean(reached, 1, true));',
    ],
  }),
  ...mutantsOf('packages/fusion/src/perceiver-fusion.ts', told, {
    'attention maps: latents stand before tokens': ['keys: [...spans, latents]', 'keys: [latents, ...spans]'],
  }),
  ...mutantsOf('packages/fusion/src/perceiver-resampler.ts', told, {
    'attention maps: latents are looked at behind their layer': [
      'look?.(index, layer.attention.weights(latents, tokens, mask));\n      latents = layer.forward(latents, tokens, mask);',
      'latents = layer.forward(latents, tokens, mask);\n      look?.(index, layer.attention.weights(latents, tokens, mask));',
    ],
  }),
  ...mutantsOf('packages/core/src/attention/attention-maps.ts', ['packages/core/src/attention/attention-maps'], {
    'attention maps: tensors are left behind': ['tf.dispose(told.map(({ weights }) => weights));', ''],
  }),
];
