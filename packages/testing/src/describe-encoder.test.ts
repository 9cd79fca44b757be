import { severalOf } from '@polymodal/core';
import { describeEncoder } from './describe-encoder';
import { randomRow } from './doubles/random-row';
import { randomSignal } from './doubles/random-signal';
import { referenceEncoder } from './doubles/reference-encoder';
import { tableEncoder } from './doubles/table-encoder';

describeEncoder(referenceEncoder('reference', 'signal'), {
  sample: randomSignal,
  config: { numHiddenLayers: 2 },
  invalid: [new Float32Array(0), new Float32Array(4), 'signal.bin'],
});

describeEncoder(tableEncoder, {
  sample: randomRow,
  invalid: [
    [1, 2],
    [1, 2, Number.NaN],
    [1, 2, '3'],
  ],
});

describeEncoder(severalOf(referenceEncoder('reference of several', 'signal'), { most: 7, ordered: true }), {
  sample: (key) => Array.from({ length: key.integer(1, 5) }, (_, index) => randomSignal(key.fold(index))),
  config: { numHiddenLayers: 2 },
  invalid: [[], [null], [new Float32Array(4)], Array.from({ length: 8 }, () => new Float32Array(3))],
});

describeEncoder(severalOf(tableEncoder, { most: 3, ordered: false }), {
  sample: (key) => Array.from({ length: key.integer(1, 4) }, (_, index) => randomRow(key.fold(index))),
  invalid: [[], [[1, 2]], [1, 2, 3]],
});
