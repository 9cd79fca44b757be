import { defineFamily } from '@polymodal/hub';
import { pretrainedImageProcessorOf } from '../pretrained-image-processor-of';
import { visionAdjustments } from '../vision-adjustments';
import { dinov2Config } from './config';
import { Dinov2Encoder } from './dinov2-encoder';
import { dinov2Keys } from './keys';

/** DINOv2, with registers or without. */
export const dinov2 = defineFamily({
  architectures: { dinov2: 'Dinov2Model', dinov2_with_registers: 'Dinov2WithRegistersModel' },
  config: dinov2Config,
  adjustments: visionAdjustments({
    processor: 'BitImageProcessor',
    patchSize: 14,
    hasLayers: true,
    hiddenDropout: 'hidden_dropout_prob',
    attentionDropout: 'attention_probs_dropout_prob',
    dropPath: 'drop_path_rate',
  }),
  build: (config) =>
    config.modelType === 'dinov2'
      ? new Dinov2Encoder({ ...config, numRegisterTokens: 0, interpolation: 'bicubic' })
      : new Dinov2Encoder({ ...config, useMaskToken: true, interpolation: 'antialiased' }),
  keys: () => dinov2Keys,
  processor: (pretrained) => pretrainedImageProcessorOf(pretrained, 'BitImageProcessor'),
});
