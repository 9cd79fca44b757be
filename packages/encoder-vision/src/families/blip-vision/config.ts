import { familyConfig } from '@polymodal/hub';
import { encoderOptions, option } from '../vision-options';

/** config.json of BLIP's vision tower (HF `BlipVisionConfig`). */
export const blipVisionConfig = familyConfig(
  {
    ...encoderOptions,
    hidden_size: option.size(768),
    num_hidden_layers: option.size(12),
    num_attention_heads: option.size(12),
    intermediate_size: option.size(3072),
    hidden_act: option.activation('gelu'),
    attention_dropout: option.rate(0),
    layer_norm_eps: option.positive(1e-5),
    image_size: option.sides(384),
    patch_size: option.sides(16),
  },
  // the projection is no part of the tower, Python has no other dropout either, and always three channels
  ['projection_dim', 'dropout', 'num_channels'],
);
