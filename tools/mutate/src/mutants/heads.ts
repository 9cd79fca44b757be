import { mutantsOf } from '../mutant';

const heads = ['packages/heads/src'];

/** Faults of heads, their losses and figures. */
export const headFaults = [
  ...mutantsOf('packages/heads/src/contrastive-loss.ts', heads, {
    'contrastive: one direction alone': ['crossEntropy(ofB, labels)), 2)', 'crossEntropy(ofA, labels)), 2)'],
    'contrastive: several matches of a row weigh more than one': [
      'tf.div<tf.Tensor2D>(matches, tf.sum(matches, 1, true))',
      'matches',
    ],
    'contrastive: pairs that do not match are judged as if they did': ['tf.sub(tf.mul(matches, 2), 1)', 'matches'],
  }),
  ...mutantsOf('packages/heads/src/contrastive-head.ts', heads, {
    'contrastive: embeddings are not of unit length': ['values: unitLength(projected)', 'values: projected'],
    'contrastive: the scale is not bounded': ['tf.minimum(value, Math.log(maxScale))', 'value'],
    'contrastive: both directions on one scale': [
      'this.#scaled(b, tf.transpose(cosines))',
      'this.#scaled(a, tf.transpose(cosines))',
    ],
    'contrastive: the temperature is not inverted': [
      'constant(-Math.log(temperature))',
      'constant(Math.log(temperature))',
    ],
  }),
  ...mutantsOf('packages/heads/src/matches-of.ts', heads, {
    'contrastive: equals in a batch count as different': ['tf.maximum(self, tf.mul(', 'tf.minimum(self, tf.mul('],
    'contrastive: rows without a target match one another': ['(at < 0 ? 0 : 1)', '(at < 0 ? 1 : 1)'],
  }),
  ...mutantsOf('packages/heads/src/matching-head.ts', ['packages/heads/src/matching-head'], {
    'matching: rows are paired with what they match': [
      "tf.where(tf.cast(candidates, 'bool'), keyed,",
      'tf.where(tf.onesLike(candidates).greater(0), keyed,',
    ],
    'matching: a row without another counts': ['tf.mul(tf.softplus(own), hasOther)', 'tf.softplus(own)'],
  }),
  ...mutantsOf('packages/heads/src/masked/hidden-blocks.ts', ['packages/heads/src/masked'], {
    'masked autoencoders: the variance is that of the whole': ['/ (block.length - 1)', '/ block.length'],
    'masked autoencoders: padding is hidden': [
      'const own = inFirst * Math.floor(',
      'const own = most + 0 * Math.floor(',
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
  ...mutantsOf('packages/heads/src/classification-head.ts', heads, {
    'classification: labels go to the first rows': [
      'gatherRows(logits, target.rows)',
      'gatherRows(logits, Int32Array.from(target.rows.keys()))',
    ],
  }),
  ...mutantsOf('packages/core/src/head-tree.ts', ['packages/core/src/head-tree', 'packages/core/src/predict/produce'], {
    'heads: a child reads the first rows of its parent': [
      'rows.map((row) => made.rows.indexOf(row))',
      'rows.map((_, position) => position)',
    ],
    'heads: a parent runs on the rows of its last child alone': [
      'new Set([...(needed.get(name) ?? []), ...rows])',
      'new Set(rows)',
    ],
    'heads: children run before their parents': ['depth(a) - depth(b)', 'depth(b) - depth(a)'],
    'heads: what feeds a head requires nothing': [
      "own !== 'fused'; own = this.inputs[own]",
      "own === name; own = 'fused'",
    ],
  }),
  ...mutantsOf('packages/core/src/predict/produce.ts', ['packages/core/src/predict/produce'], {
    'heads: in predicting a child reads what its parent would compute in training': [
      'head.produce\n',
      'head.produce && false\n',
    ],
  }),
  ...mutantsOf('packages/core/src/requirements.ts', ['packages/core/src/head-tree', 'packages/core/src/model.test'], {
    'routing: one of several required modalities is enough': ['requires.all?.every(', 'requires.all?.some('],
  }),
];
