import { ConfigError, defineEncoder, defineModality, definePlugin } from '@polymodal/core';
import { perAxis, resolveTransformerConfig, transformerOptions } from '@polymodal/nn';
import { z } from 'zod';
import { ConvolutionalEncoder } from './convolutional-encoder';
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

const convolutionalOptions = z.object({
  /** Residual blocks. */
  numHiddenLayers: z.int().min(0).default(4),
  /** Width. Default: the model's. */
  hiddenSize: z.int().positive().optional(),
  /** Channels after each convolution of the stem but the last. Each halves the sides of the picture, and so does the last. */
  stemChannels: z.array(z.int().positive()).readonly().default([32]),
  /** What stands for a whole picture: the mean of its positions, their greatest values, or both side by side. */
  pooling: z.enum(['mean', 'max', 'mean-max']).default('mean'),
  layerNormEps: z.number().positive().default(1e-6),
});

const convolutional = defineEncoder({
  name: 'convolutional',
  modality: 'image',
  processor: imageProcessor,
  config: convolutionalOptions,
  create: ({ imageSize, channels, ...config }, { hiddenSize }) =>
    new ConvolutionalEncoder({
      ...config,
      imageSize: perAxis(imageSize),
      numChannels: channels,
      hiddenSize: config.hiddenSize ?? hiddenSize,
    }),
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

/** Pictures: the modality `image`, the encoders `vit` and `convolutional`. `pretrained-image` has a plugin of its own. */
export const vision = definePlugin({
  name: '@polymodal/encoder-vision',
  specificationVersion: 'v1',
  module: import.meta.url,
  modalities: [
    defineModality({
      id: 'image',
      description: 'a picture: a path, the bytes of an image file, or { data, width, height, channels }',
    }),
  ],
  encoders: [vit, convolutional],
  elsewhere: { 'pretrained-image': '@polymodal/encoder-vision/pretrained' },
});
