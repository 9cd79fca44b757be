import { definePlugin } from '@polymodal/core';
import { gain } from './augmentation/gain';
import { noise } from './augmentation/noise';
import { specAugment } from './augmentation/spec-augment';
import { speed } from './augmentation/speed';
import { timeShift } from './augmentation/time-shift';

export type { Sound } from './augmentation/sound';
export { gain, noise, specAugment, speed, timeShift };

/** Augmentations of sound. */
const audioAugmentations = definePlugin({
  name: '@polymodal/encoder-audio/augment',
  specificationVersion: 'v1',
  module: import.meta.url,
  augmentations: [gain, noise, specAugment, speed, timeShift],
});

export { audioAugmentations, audioAugmentations as default };
