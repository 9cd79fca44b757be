import type { RandomKey } from '@polymodal/core';
import { describeEncoder } from '@polymodal/testing';
import { ownPartEncoder } from './own-part-encoder.js';
import type { RawOwnPart } from './read-own-part.js';

/** Raw values as users have them, of different lengths: otherwise padding would hardly be tested. */
const sample = (key: RandomKey): RawOwnPart =>
  Array.from({ length: key.fold('length').integer(1, 9) }, (_, index) => [...key.fold(index).normal(2)]);

describeEncoder(ownPartEncoder, {
  sample,
  config: { channels: 2, bucketSize: 4, numHiddenLayers: 1, numAttentionHeads: 2, intermediateSize: 24 },
  invalid: [
    'readings.csv',
    [],
    [[1, 2, 3]], // of three channels
    [[1, 2], [3]],
    [[1, '2']],
    [[1, Number.NaN]],
    [[1, 1e300]], // no number of 32 bits
  ],
});
