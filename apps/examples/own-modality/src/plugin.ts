import { defineModality, definePlugin } from '@polymodal/core';
import { imuConv } from './imu-conv.js';

/** Motion: the modality `imu` and the encoder `imu-conv`. */
export const imu = definePlugin({
  name: '@polymodal/example-own-modality',
  specificationVersion: 'v1',
  module: import.meta.url, // so that threads can prepare samples of it too
  modalities: [defineModality({ id: 'imu', description: 'readings of a motion sensor, { readings, rate }' })],
  encoders: [imuConv],
});
