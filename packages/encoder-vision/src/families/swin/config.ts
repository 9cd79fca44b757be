import { familyConfig } from '@polymodal/hub';
import { backboneOptions, encoderOptions, option } from '../vision-options';

/** config.json of Swin (HF `SwinConfig`). The number of stages and the last width follow from others. */
export const swinConfig = familyConfig(
  {
    ...encoderOptions,
    embed_dim: option.size(96),
    depths: option.sizes([2, 2, 6, 2]),
    num_heads: option.sizes([3, 6, 12, 24]),
    window_size: option.size(7),
    mlp_ratio: option.positive(4),
    hidden_act: option.activation('gelu'),
    hidden_dropout_prob: option.rate(0),
    attention_probs_dropout_prob: option.rate(0),
    drop_path_rate: option.rate(0.1),
    layer_norm_eps: option.positive(1e-5),
    image_size: option.sides(224),
    patch_size: option.sides(4),
    num_channels: option.size(3),
    qkv_bias: option.flag(true),
    use_absolute_embeddings: option.flag(false),
  },
  [...backboneOptions, 'hidden_size', 'num_layers', 'path_norm'],
);
