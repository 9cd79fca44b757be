import { definePlugin } from '@polymodal/core';
import { colourJitter } from './augmentation/colour-jitter';
import { crop } from './augmentation/crop';
import { cutMix } from './augmentation/cut-mix';
import { erase } from './augmentation/erase';
import { flip } from './augmentation/flip';
import { mixUp } from './augmentation/mix-up';
import { randAugment } from './augmentation/rand-augment';
import { resizedCrop } from './augmentation/resized-crop';

export type { BytePixels } from './augmentation/byte-pixels';
export { colourJitter, crop, cutMix, erase, flip, mixUp, randAugment, resizedCrop };

/** Augmentations of pictures. */
const visionAugmentations = definePlugin({
  name: '@polymodal/encoder-vision/augment',
  specificationVersion: 'v1',
  module: import.meta.url,
  augmentations: [colourJitter, crop, cutMix, erase, flip, mixUp, randAugment, resizedCrop],
});

export { visionAugmentations, visionAugmentations as default };
