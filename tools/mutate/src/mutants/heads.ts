import { mutantsOf } from '../mutant';

const heads = ['packages/heads/src'];

/** Faults of heads, their losses and figures. */
export const headFaults = [
  ...mutantsOf('packages/heads/src/contrastive-loss.ts', heads, {
    'contrastive: one direction alone': [
      'crossEntropy(tf.transpose(logits), matches)), 2)',
      'crossEntropy(logits, matches)), 2)',
    ],
    'contrastive: equals in a batch count as different': [
      'other === group ? 1 / sizes.get(group)! : 0',
      'other === group && sizes.get(group) === 1 ? 1 : 0',
    ],
  }),
  ...mutantsOf('packages/heads/src/contrastive-head.ts', heads, {
    'contrastive: embeddings are not of unit length': [
      'values: unitLength(projection.forward(encoded.pooled))',
      'values: projection.forward(encoded.pooled)',
    ],
    'contrastive: the scale is not bounded': [
      'tf.minimum<tf.Scalar>(this.logitScale.value, maxLogitScale)',
      'this.logitScale.value',
    ],
    'contrastive: the temperature is not inverted': [
      'constant(-Math.log(config.temperature))',
      'constant(Math.log(config.temperature))',
    ],
  }),
  ...mutantsOf('packages/heads/src/expert-classification-head.ts', heads, {
    'experts: placed at the first rows': [
      'placeRows(logits, rows, pooled.shape[0])',
      'placeRows(logits, Int32Array.from(rows.keys()), pooled.shape[0])',
    ],
  }),
  ...mutantsOf(
    'packages/nn/src/functional/softmax-cross-entropy.ts',
    ['packages/nn/src/functional/softmax-cross-entropy'],
    {
      'cross-entropy: its gradient is that of logits without a softmax': [
        'tf.sub(tf.exp(logProbabilities), labels)',
        'tf.sub(logProbabilities, labels)',
      ],
    },
  ),
  ...mutantsOf('packages/core/src/head.ts', ['packages/core/src/head-tree', 'packages/core/src/model.test'], {
    'routing: one of several required modalities is enough': ['requires.all?.every(', 'requires.all?.some('],
  }),
];
