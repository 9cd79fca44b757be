import { familyConfig } from '@polymodal/hub';
import { encoderOptions, option } from '../vision-options';

/** config.json of SigLIP's vision tower (HF `SiglipVisionConfig`). */
export const siglipVisionConfig = familyConfig({
  ...encoderOptions,
  hidden_size: option.size(768),
  num_hidden_layers: option.size(12),
  num_attention_heads: option.size(12),
  intermediate_size: option.size(3072),
  hidden_act: option.activation('gelu_pytorch_tanh'),
  attention_dropout: option.rate(0),
  layer_norm_eps: option.positive(1e-6),
  image_size: option.sides(224),
  patch_size: option.sides(16),
  num_channels: option.size(3),
  vision_use_head: option.flag(true),
});
