import { describeEncoder } from '@polymodal/testing';
import { rowsTransformer } from './rows-transformer';

describeEncoder(rowsTransformer, {
  sample: (key) =>
    Array.from({ length: key.fold('length').integer(1, 6) }, (_, row) => [...key.fold('row').fold(row).normal(3)]),
  config: { columns: 3, numHiddenLayers: 2, hiddenDropout: 0.1 },
  invalid: [[], [[1, 2]], [[1, 2, Number.NaN]], 'rows'],
});
