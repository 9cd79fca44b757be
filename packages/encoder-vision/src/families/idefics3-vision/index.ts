import { defineFamily } from '@polymodal/hub';
import { pretrainedImageProcessorOf } from '../pretrained-image-processor-of';
import { SiglipVisionEncoder } from '../siglip-vision/siglip-vision-encoder';
import { visionAdjustments } from '../vision-adjustments';
import { idefics3VisionConfig } from './config';
import { idefics3VisionKeys, visionInIdefics3, visionInSmolVlm } from './keys';

/**
 * The vision tower of Idefics3 (Laurençon et al. 2024) and SmolVLM (Marafioti et al. 2025): that of SigLIP without its pooling, for pictures
 * of any size, whose patches take the positions where they begin in the whole.
 */
export const idefics3Vision = defineFamily({
  architectures: { idefics3_vision: 'Idefics3VisionTransformer', smolvlm_vision: 'SmolVLMVisionTransformer' },
  within: { idefics3: visionInIdefics3, smolvlm: visionInSmolVlm },
  config: idefics3VisionConfig,
  adjustments: visionAdjustments({
    processor: 'Idefics3ImageProcessor',
    patchSize: 32,
    hasLayers: true,
    attentionDropout: 'attention_dropout',
  }),
  build: (config) => new SiglipVisionEncoder({ ...config, visionUseHead: false, interpolation: 'nearest' }),
  keys: () => idefics3VisionKeys,
  processor: (pretrained) => pretrainedImageProcessorOf(pretrained, 'Idefics3ImageProcessor'),
});
