import { mutantsOf } from '../mutant';

const fusion = ['packages/fusion/src/flamingo-fusion.test'];
const idefics = ['packages/architectures/src/idefics/idefics'];

/** Faults of language models that look at pictures while they read and write. */
export const flamingoFaults = [
  ...mutantsOf('packages/fusion/src/tell-attention.ts', ['packages/fusion/src/tell-attention.test'], {
    'attention: what takes no part is told of too': ['weights: tf.mul(ofKeys[column], own)', 'weights: ofKeys[column]'],
    'attention: keys are told of as the slot before': [
      'tf.split(ofQueries[row], lengthsOf(keys), 2)',
      'tf.split(ofQueries[row], lengthsOf(keys), 2).reverse()',
    ],
  }),
  ...mutantsOf('packages/trainer/src/run/kept-starts.ts', ['packages/trainer/src/train-frozen-cache.test'], {
    'frozen layers: what they made is kept while they learn': [
      'return learns ? undefined : new',
      'return learns && bytes < 0 ? undefined : new',
    ],
  }),
  ...mutantsOf('packages/fusion/src/media-mask.ts', ['packages/fusion/src/media-mask'], {
    'flamingo: a token sees the picture behind its own': [
      "tf.range(0, values, 1, 'int32')",
      "tf.range(1, values + 1, 1, 'int32')",
    ],
    'flamingo: a place does not see its picture': [
      'tf.cumsum<tf.Tensor3D>(standsAt, 1);',
      'tf.cumsum<tf.Tensor3D>(standsAt, 1, true);',
    ],
    'flamingo: a token sees all pictures before it': ['tf.relu(tf.sub(reached, following))', 'tf.relu(reached)'],
    'flamingo: values of other slots are taken for pictures': [
      'tf.equal(placeSlot, slot)',
      'tf.greaterEqual(placeSlot, 0)',
    ],
    'flamingo: what stands in padding is a place': ['tf.mul(mask, tf.cast(tf.equal', 'tf.mul(1, tf.cast(tf.equal'],
    'flamingo: pictures that were dropped are seen': [
      'sees: tf.mul(tf.add(last, tf.sub(1, isPlaced)), ofRow)',
      'sees: tf.add(tf.add(last, tf.sub(1, isPlaced)), tf.zerosLike(ofRow))',
    ],
  }),
  ...mutantsOf('packages/fusion/src/gated-media-layer.ts', fusion, {
    'flamingo: a gate that is open at first': [
      'this.attentionGate = new Parameter(shape, zeros);',
      'this.attentionGate = new Parameter(shape, (own) => new Float32Array(own[0] ?? 1).fill(1));',
    ],
    'flamingo: the gate of the feed-forward network is open at first': [
      'this.feedForwardGate = new Parameter(shape, zeros);',
      'this.feedForwardGate = new Parameter(shape, (own) => new Float32Array(own[0] ?? 1).fill(1));',
    ],
    'flamingo: texts without pictures are changed': ['tf.mul(added, tf.max(media.sees, 2, true))', 'added'],
  }),
  ...mutantsOf('packages/fusion/src/flamingo-fusion.ts', fusion, {
    'flamingo: what is kept of a text is kept while its last layer learns': [
      'encoder.layerOf(path) <= this.#from',
      'encoder.layerOf(path) < this.#from',
    ],
    'flamingo: the placeholder of a picture that is missing stays': [
      'tf.maximum(isOwn, isPlace)',
      'tf.onesLike(isPlace)',
    ],
  }),
  ...mutantsOf('packages/fusion/src/flamingo-fusion.ts', idefics, {
    'flamingo: places of pictures do not count among the tokens that were there': [
      'const placeholders = placeSlot && hostIds(',
      'const placeholders = !placeSlot && hostIds(',
    ],
    'flamingo: what is written behind sees no picture': [
      'return this.#between(encoder, (index) => sees && { ...keptOf(memory, index), sees });',
      'return this.#between(encoder, () => undefined);',
    ],
    'flamingo: what is written behind sees what the first token sees': [
      'tf.slice(sees, [0, length - 1, 0]',
      'tf.slice(sees, [0, 0, 0]',
    ],
    'flamingo: every layer attends by the keys of the first': [
      'return { keys: memory[',
      'return { keys: memory.keys0 ?? memory[',
    ],
  }),
  ...mutantsOf('packages/fusion/src/media-attention.ts', idefics, {
    'flamingo: keys are normed as queries': [
      'this.#normed(projected(this.key), this.keyNorm)',
      'this.#normed(projected(this.key), this.queryNorm)',
    ],
  }),
  ...mutantsOf('packages/hub/src/family/load-parameters.ts', ['packages/hub/src/family/load-parameters'], {
    'families: rows of a tensor take the place of those before': [
      '(parameter.size / parameter.shape[0]) * begin',
      '0 * begin',
    ],
  }),
  ...mutantsOf('packages/generation/src/growing-past.ts', ['packages/architectures/src/language-model/gaps'], {
    'generation: windows reach over gaps less far': [
      'const back = tf.sub(tf.expandDims(positions, 2), tf.expandDims(positions, 1)); // (B, N, N)',
      'const places = tf.cumsum(tf.onesLike(positions), 1);\n    const back = tf.sub(tf.expandDims(places, 2), tf.expandDims(places, 1));',
    ],
  }),
];
