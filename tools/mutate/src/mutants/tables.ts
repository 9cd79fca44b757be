import { mutantsOf } from '../mutant';

const transformer = ['packages/encoder-tabular/src/ft-transformer.test'];
const rows = ['packages/encoder-tabular/src/row-processor.test'];

/** Faults of tables, of what is estimated from them, and of the figures of that. */
export const tableFaults = [
  ...mutantsOf('packages/encoder-tabular/src/ft-transformer.ts', transformer, {
    'tables: a missing cell is attended to': [
      'tf.concat([tf.ones([rows.length, 1]), features.cellsMask], 1)',
      'tf.ones([rows.length, tokens.shape[1]])',
    ],
  }),
  ...mutantsOf('packages/encoder-tabular/src/ft-transformer-layer.ts', transformer, {
    'tables: the first layer has a norm too': [
      'isFirst ? undefined : new',
      'isFirst ? new LayerNorm(hiddenSize) : new',
    ],
  }),
  ...mutantsOf('packages/encoder-tabular/src/columns/quantile-scale.ts', ['packages/encoder-tabular/src/columns'], {
    'tables: of equal values the first rank is taken': [
      '(lowRank(value, quantiles) + highRank(value, quantiles)) / 2',
      'lowRank(value, quantiles)',
    ],
  }),
  ...mutantsOf('packages/encoder-tabular/src/columns/category-column.ts', rows, {
    'tables: what is not known goes into a bucket that means nothing': ['learned.others ? [0] : undefined', '[0]'],
  }),
  ...mutantsOf('packages/heads/src/classification-head.ts', ['packages/heads/src/classification-head'], {
    'tables: weighted rows are divided by how many they are': ['sum + weights[index], 0', 'sum + 1, 0'],
    'tables: a temperature is fitted as if there had been none': ['before * fitTemperature(', 'fitTemperature('],
  }),
  ...mutantsOf('packages/heads/src/multi-label-head.ts', ['packages/heads/src/multi-label-head'], {
    'tables: labels of which nothing is known count': ['.filter((known) => known === 1).length', '.length'],
  }),
  ...mutantsOf('packages/heads/src/ordinal-head.ts', ['packages/heads/src/ordinal-head'], {
    'tables: a grade is above itself': ['tf.greater(tf.expandDims', 'tf.greaterEqual(tf.expandDims'],
  }),
  ...mutantsOf('packages/heads/src/metrics/ranking-metrics.ts', ['packages/heads/src/metrics'], {
    'tables: a tie counts as lost': ['sum += (below + upTo) / 2', 'sum += below'],
  }),
];
