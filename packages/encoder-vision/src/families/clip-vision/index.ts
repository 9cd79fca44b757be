import { defineFamily } from '@polymodal/hub';
import { towerImageProcessor } from '../tower-image-processor';
import { visionAdjustments } from '../vision-adjustments';
import { ClipVisionEncoder } from './clip-vision-encoder';
import { clipVisionConfig } from './config';
import { clipVisionInIdefics } from './in-idefics';
import { clipVisionInLlava } from './in-llava';
import { clipVisionInClip, clipVisionKeys } from './keys';

/** The vision tower of CLIP. */
export const clipVision = defineFamily({
  architectures: { clip_vision_model: 'CLIPVisionModel' },
  within: { clip: clipVisionInClip, idefics: clipVisionInIdefics, llava: clipVisionInLlava },
  config: clipVisionConfig,
  adjustments: visionAdjustments({
    processor: 'CLIPImageProcessor',
    patchSize: 32,
    hasLayers: true,
    attentionDropout: 'attention_dropout',
  }),
  build: (config) => new ClipVisionEncoder(config),
  keys: () => clipVisionKeys,
  processor: towerImageProcessor('CLIPImageProcessor'),
});
