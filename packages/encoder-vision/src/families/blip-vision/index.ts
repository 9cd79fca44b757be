import { defineFamily } from '@polymodal/hub';
import { towerImageProcessor } from '../tower-image-processor';
import { visionAdjustments } from '../vision-adjustments';
import { BlipVisionEncoder } from './blip-vision-encoder';
import { blipVisionConfig } from './config';
import { blipVisionInBlip, blipVisionKeys } from './keys';

/** The vision tower of BLIP. */
export const blipVision = defineFamily({
  architectures: { blip_vision_model: 'BlipVisionModel' },
  within: { blip: blipVisionInBlip },
  config: blipVisionConfig,
  adjustments: visionAdjustments({
    processor: 'BlipImageProcessor',
    patchSize: 16,
    hasLayers: true,
    attentionDropout: 'attention_dropout',
  }),
  build: (config) => new BlipVisionEncoder({ ...config, numChannels: 3 }),
  keys: () => blipVisionKeys,
  processor: towerImageProcessor('BlipImageProcessor'),
});
