import { ConfigError } from '@polymodal/core';
import { defineFamily } from '@polymodal/hub';
import { pretrainedImageProcessorOf } from '../pretrained-image-processor-of';
import { visionAdjustments } from '../vision-adjustments';
import { swinConfig } from './config';
import { swinKeys } from './keys';
import { SwinEncoder } from './swin-encoder';

/** Swin. */
export const swin = defineFamily({
  architectures: { swin: 'SwinModel' },
  config: swinConfig,
  adjustments: visionAdjustments({
    processor: 'ViTImageProcessor',
    patchSize: 4,
    hasLayers: false,
    hiddenDropout: 'hidden_dropout_prob',
    attentionDropout: 'attention_probs_dropout_prob',
    dropPath: 'drop_path_rate',
  }),
  build: (config) => {
    if (config.depths.length !== config.numHeads.length) {
      throw new ConfigError({
        where: 'num_heads',
        expected: `one for each of ${config.depths.length} stages`,
        received: String(config.numHeads.length),
      });
    }
    return new SwinEncoder(config);
  },
  keys: () => swinKeys,
  processor: (pretrained) => pretrainedImageProcessorOf(pretrained, 'ViTImageProcessor'),
});
