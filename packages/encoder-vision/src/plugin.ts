import { defineEncoder, defineModality, definePlugin } from '@polymodal/core';
import { resolveTransformerConfig, transformerOptions } from '@polymodal/nn';
import { z } from 'zod';
import { imageSides } from './image-options';
import { imageProcessor } from './image-processor';
import { VisionTransformer } from './vision-transformer';

const vitOptions = z.object({
  ...transformerOptions,
  /** Width. Default: the model's. */
  hiddenSize: z.int().positive().optional(),
  /** Pixels a side of a patch. */
  patchSize: z.int().positive().default(16),
  /** What stands for a whole picture: the class token, or the mean of the patches. */
  pooling: z.enum(['cls', 'mean']).default('cls'),
});

const vit = defineEncoder({
  name: 'vit',
  modality: 'image',
  processor: imageProcessor,
  config: vitOptions,
  create: (config, setup) =>
    new VisionTransformer({
      ...resolveTransformerConfig(config, config.hiddenSize ?? setup.hiddenSize),
      imageSize: imageSides(config.imageSize),
      channels: config.channels,
      patchSize: config.patchSize,
      pooling: config.pooling,
    }),
});

/** Pictures: the modality `image`, the encoder `vit`. `pretrained-image` has a plugin of its own. */
export const vision = definePlugin({
  name: '@polymodal/encoder-vision',
  specificationVersion: 'v1',
  modalities: [
    defineModality({
      id: 'image',
      description: 'a picture: a path, the bytes of an image file, or { data, width, height, channels }',
    }),
  ],
  encoders: [vit],
  elsewhere: { 'pretrained-image': '@polymodal/encoder-vision/pretrained' },
});
