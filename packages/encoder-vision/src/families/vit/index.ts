import { ConfigError } from '@polymodal/core';
import { defineFamily } from '@polymodal/hub';
import { pretrainedImageProcessorOf } from '../pretrained-image-processor-of';
import { vitConfig } from './config';
import { vitKeys } from './keys';
import { VitEncoder } from './vit-encoder';

/** ViT. */
export const vit = defineFamily({
  architectures: { vit: 'ViTModel' },
  config: vitConfig,
  build: (config, stored) => {
    const addPoolingLayer = stored.has('pooler.dense.weight');
    if (addPoolingLayer && (config.poolerOutputSize ?? config.hiddenSize) !== config.hiddenSize) {
      throw new ConfigError({
        where: 'pooler_output_size',
        expected: `hidden_size ${config.hiddenSize}, the width that an encoder's vectors have`,
        received: String(config.poolerOutputSize),
      });
    }
    return new VitEncoder({ ...config, addPoolingLayer });
  },
  keys: () => vitKeys,
  processor: (pretrained) => pretrainedImageProcessorOf(pretrained, 'ViTImageProcessor'),
});
