import { ConfigError } from '@polymodal/core';
import { defineFamily } from '@polymodal/hub';
import { VisionTransformer } from '../../vision-transformer';
import { towerImageProcessor } from '../tower-image-processor';
import { visionAdjustments } from '../vision-adjustments';
import { vitConfig } from './config';
import { vitKeys } from './keys';

/** ViT. */
export const vit = defineFamily({
  architectures: { vit: 'ViTModel' },
  config: vitConfig,
  adjustments: visionAdjustments({
    processor: 'ViTImageProcessor',
    patchSize: 16,
    hasLayers: true,
    hiddenDropout: 'hidden_dropout_prob',
    attentionDropout: 'attention_probs_dropout_prob',
  }),
  build: (config, stored) => {
    const addPoolingLayer = stored.has('pooler.dense.weight');
    if (addPoolingLayer && (config.poolerOutputSize ?? config.hiddenSize) !== config.hiddenSize) {
      throw new ConfigError({
        where: 'pooler_output_size',
        expected: `hidden_size ${config.hiddenSize}, the width that an encoder's vectors have`,
        received: String(config.poolerOutputSize),
      });
    }
    const { qkvBias: bias } = config;
    return new VisionTransformer({
      ...config,
      projectionBias: { query: bias, key: bias, value: bias },
      hiddenDropout: config.hiddenDropoutProb,
      attentionDropout: config.attentionProbsDropoutProb,
      dropPath: 0,
      pooling: addPoolingLayer ? 'pooler' : 'cls',
    });
  },
  keys: () => vitKeys,
  processor: towerImageProcessor('ViTImageProcessor'),
});
