import { definePlugin } from '@polymodal/core';
import { definePretrainedEncoder } from '@polymodal/hub';
import { visionFamilies } from './families';
import { visionOptions } from './families/vision-adjustments';

/** The encoder `pretrained-image`: any model of {@link visionFamilies}. */
export const pretrainedImageEncoder = definePretrainedEncoder({
  name: 'pretrained-image',
  modality: 'image',
  families: visionFamilies,
  options: visionOptions,
});

/**
 * The plugin of this entry: the encoder `pretrained-image`. It goes beside the package's own, which has the modality:
 * `createRegistry([vision, pretrainedImage, …])`.
 */
export const pretrainedImage = definePlugin({
  name: '@polymodal/encoder-vision/pretrained',
  specificationVersion: 'v1',
  module: import.meta.url,
  encoders: [pretrainedImageEncoder],
});
