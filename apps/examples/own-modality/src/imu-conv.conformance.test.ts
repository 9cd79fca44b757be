import { describeEncoder } from '@polymodal/testing';
import { imuConv } from './imu-conv.js';

const channels = 3;

describeEncoder(imuConv, {
  sample: (key) => ({
    readings: key.fold('readings').normal(channels * key.fold('length').integer(3, 40)),
    rate: 40,
  }),
  config: { channels, rate: 20, bucketSize: 8, stride: 2, reach: 2, numAttentionHeads: 2, intermediateSize: 24 },
  invalid: [
    'walk.csv',
    { readings: [[1, 2, 3]] }, // no rate
    { readings: [[1, 2, 3]], rate: 0 },
    { readings: [], rate: 20 },
    { readings: [[1, 2]], rate: 20 },
    { readings: [[1, 2, '3']], rate: 20 },
    { readings: [[1, 2, Number.NaN]], rate: 20 },
    { readings: new Float32Array(7), rate: 20 },
  ],
});
