import { ConfigError, defineEncoder, defineModality, definePlugin } from '@polymodal/core';
import { perAxis, resolveTransformerConfig, transformerOptions } from '@polymodal/nn';
import { z } from 'zod';
import { imageProcessor } from './image-processor';
import type { Sides } from './sides';
import { VisionTransformer } from './vision-transformer';

const vitOptions = z.object({
  ...transformerOptions,
  /** Width. Default: the model's. */
  hiddenSize: z.int().positive().optional(),
  /** Pixels a side of a patch. */
  patchSize: z.int().positive().default(16),
  /** What stands for a whole picture: the class token, that token through a layer of its own, or the mean of the patches. */
  pooling: z.enum(['cls', 'pooler', 'mean']).default('cls'),
});

const vit = defineEncoder({
  name: 'vit',
  modality: 'image',
  processor: imageProcessor,
  config: vitOptions,
  create: (config, setup) => {
    const imageSize = perAxis(config.imageSize);
    checkPatches(imageSize, config.patchSize);
    return new VisionTransformer({
      ...resolveTransformerConfig(config, config.hiddenSize ?? setup.hiddenSize),
      imageSize,
      patchSize: config.patchSize,
      numChannels: config.channels,
      pooling: config.pooling,
    });
  },
});

/** What is less than a patch would not count, so that of every picture a margin would be lost. */
function checkPatches(imageSize: Sides, patchSize: number): void {
  if (imageSize.every((side) => side % patchSize === 0)) return;
  throw new ConfigError({
    where: 'patchSize',
    expected: `a size that divides the picture's ${imageSize.join(' × ')} pixels`,
    received: String(patchSize),
  });
}

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
