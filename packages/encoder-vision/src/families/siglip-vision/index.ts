import { defineFamily } from '@polymodal/hub';
import { towerImageProcessor } from '../tower-image-processor';
import { visionAdjustments } from '../vision-adjustments';
import { siglipVisionConfig } from './config';
import { siglipVisionInSiglip, siglipVisionKeys } from './keys';
import { SiglipVisionEncoder } from './siglip-vision-encoder';

/** The vision tower of SigLIP. */
export const siglipVision = defineFamily({
  architectures: { siglip_vision_model: 'SiglipVisionModel' },
  within: { siglip: siglipVisionInSiglip },
  config: siglipVisionConfig,
  adjustments: visionAdjustments({
    processor: 'SiglipImageProcessor',
    patchSize: 16,
    hasLayers: true,
    attentionDropout: 'attention_dropout',
  }),
  build: (config) => new SiglipVisionEncoder(config),
  keys: () => siglipVisionKeys,
  processor: towerImageProcessor('SiglipImageProcessor'),
});
