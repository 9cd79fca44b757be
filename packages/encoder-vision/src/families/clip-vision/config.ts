import { familyConfig } from '@polymodal/hub';
import { encoderOptions, option } from '../vision-options';

/** config.json of CLIP's vision tower (HF `CLIPVisionConfig`). */
export const clipVisionConfig = familyConfig(
  {
    ...encoderOptions,
    hidden_size: option.size(768),
    num_hidden_layers: option.size(12),
    num_attention_heads: option.size(12),
    intermediate_size: option.size(3072),
    hidden_act: option.activation('quick_gelu'),
    attention_dropout: option.rate(0),
    layer_norm_eps: option.positive(1e-5),
    image_size: option.sides(224),
    patch_size: option.sides(32),
    num_channels: option.size(3),
  },
  ['projection_dim', 'dropout'], // the projection is no part of the tower, and Python has no dropout either
);
