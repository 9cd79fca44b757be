import { mutantsOf } from '../mutant';

const maps = ['packages/adapters/src/maps.test'];
const models = ['packages/adapters/src/adapters.test', 'packages/adapters/src/lora.test'];
const rounded = ['packages/adapters/src/frozen-weights.test', 'packages/core/src/round-rows.test'];

/** Faults of adapters: what they compute, what learns beside them, and what weights become in 8 bits. */
export const adapterFaults = [
  ...mutantsOf('packages/adapters/src/lora-adapter.ts', maps, {
    'lora: the change is not scaled': [
      'return tf.mul(linear(map.mapBy(x, a), this.loraB.value as tf.Tensor2D), this.scale);',
      'return linear(map.mapBy(x, a), this.loraB.value as tf.Tensor2D);',
    ],
    'lora: what is merged is scaled twice': [
      'this.loraB.value as tf.Tensor2D, a), this.scale)',
      'this.loraB.value as tf.Tensor2D, a), this.scale ** 2)',
    ],
    'dora: gradients flow through the norms of rows': [
      'return tf.customGrad(() => ({ value: compute(), gradFunc: () => [] }))() as T;',
      'return compute();',
    ],
    'dora: the bias is stretched too': [
      'return (map.bias ? tf.add(y, map.bias.value) : y) as Y;',
      'return (map.bias ? tf.add(y, tf.mul(map.bias.value, this.#stretch())) : y) as Y;',
    ],
  }),
  ...mutantsOf('packages/adapters/src/lora-adapter.ts', models, {
    'lora: A learns where it is to stay': ['this.loraA.trainable = !freezeA;', 'this.loraA.trainable = true;'],
    'lora: nothing is dropped': ['dropout(x, this.dropout, pass.context, this)', 'dropout(x, 0, pass.context, this)'],
  }),
  ...mutantsOf('packages/adapters/src/lora.ts', maps, {
    'rslora: the scale is α / r': ['alpha / (rslora ? Math.sqrt(rank) : rank)', 'alpha / rank'],
  }),
  ...mutantsOf('packages/adapters/src/ia3-adapter.ts', maps, {
    'ia3: a bias is not multiplied when it is merged': [
      'if (bias && !this.scalesInputs) bias.assign',
      'if (bias && this.scalesInputs) bias.assign',
    ],
  }),
  ...mutantsOf('packages/adapters/src/put-adapters.ts', models, {
    'adapters: what else a part has learns on': ['setTrainable(model, [...parts], false);', ''],
    'adapters: a target that fits nothing is passed over': ['if (paths.length > 0) return paths;', 'return paths;'],
    'adapters: exclusions are not heeded': ['filter((path) => !excluded.has(path))', 'filter(() => true)'],
  }),
  ...mutantsOf('packages/nn/src/map-adapter.ts', models, {
    'adapters: those out of use compute on': [
      '(own.isInUse ? (x: X) => ofRows(own, x, inner) : inner)',
      '(x: X) => ofRows(own, x, inner)',
    ],
    'adapters: rows go by those of others': ['tf.greater(repeated, 0)', 'tf.lessEqual(repeated, 0)'],
  }),
  ...mutantsOf('packages/core/src/round-rows.ts', rounded, {
    'weights in 8 bits: scales have bits for which products have no room': [
      'bits[0] = (bits[0] + lowest) & ~lowest;',
      '',
    ],
    'weights in 8 bits: one scale for all rows': ['const scale = scaleOf(own);', 'const scale = scaleOf(values);'],
    'weights in 8 bits: they are cut, not rounded': ['Math.round(own[i] / scale)', 'Math.trunc(own[i] / scale)'],
  }),
  ...mutantsOf('packages/adapters/src/map-site.ts', rounded, {
    'weights in 8 bits: they stay float32 once adapters were merged': [
      "for (const weight of rounded) weight.holdIn('int8'); // to the same integers",
      '',
    ],
  }),
  ...mutantsOf('packages/backend-onnx/src/recording/recorder.ts', ['packages/backend-onnx/src/rounded-tensors.test'], {
    'weights in 8 bits: they are multiplied out before they are needed': [
      'after === undefined ? factors : computedAfter(this.#open, factors, [after]),',
      'factors,',
    ],
  }),
  ...mutantsOf('packages/backend-onnx/src/replay/replay-plan.ts', ['packages/backend-onnx/src/rounded-tensors.test'], {
    'weights in 8 bits: a replayed step goes on with former ones': [
      "if (source.kind === 'part' && !isStillOf(this.#backend, source)) return false;",
      '',
    ],
  }),
];
