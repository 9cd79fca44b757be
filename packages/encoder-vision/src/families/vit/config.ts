import { familyConfig } from '@polymodal/hub';
import { z } from 'zod';
import { backboneOptions, encoderOptions, option } from '../vision-options';

/** config.json of ViT (HF `ViTConfig`). */
export const vitConfig = familyConfig(
  {
    ...encoderOptions,
    hidden_size: option.size(768),
    num_hidden_layers: option.size(12),
    num_attention_heads: option.size(12),
    intermediate_size: option.size(3072),
    hidden_act: option.activation('gelu'),
    hidden_dropout_prob: option.rate(0),
    attention_probs_dropout_prob: option.rate(0),
    layer_norm_eps: option.positive(1e-12),
    image_size: option.sides(224),
    patch_size: option.sides(16),
    num_channels: option.size(3),
    qkv_bias: option.flag(true),
    pooler_act: option.activation('tanh'),
    pooler_output_size: z.int().positive().nullish(),
  },
  backboneOptions,
);
