import { familyConfig } from '@polymodal/hub';
import { z } from 'zod';
import { backboneOptions, encoderOptions, option } from '../vision-options';

/** Options that DINOv2 has with and without registers; layerscale_value is only where layer scale starts in training. */
const dinov2Options = {
  ...encoderOptions,
  hidden_size: option.size(768),
  num_hidden_layers: option.size(12),
  num_attention_heads: option.size(12),
  mlp_ratio: option.positive(4),
  hidden_act: option.activation('gelu'),
  hidden_dropout_prob: option.rate(0),
  attention_probs_dropout_prob: option.rate(0),
  drop_path_rate: option.rate(0),
  layer_norm_eps: option.positive(1e-6),
  image_size: option.sides(224),
  patch_size: option.sides(14),
  num_channels: option.size(3),
  qkv_bias: option.flag(true),
  layerscale_value: option.positive(1),
  use_swiglu_ffn: option.flag(false),
};

/** config.json of DINOv2 (HF `Dinov2Config`), and of DINOv2 with registers (HF `Dinov2WithRegistersConfig`). */
export const dinov2Config = z.discriminatedUnion('model_type', [
  familyConfig(
    { ...dinov2Options, model_type: z.literal('dinov2'), use_mask_token: option.flag(true) },
    backboneOptions,
  ),
  familyConfig(
    {
      ...dinov2Options,
      model_type: z.literal('dinov2_with_registers'),
      patch_size: option.sides(16),
      num_register_tokens: option.size(4),
    },
    backboneOptions,
  ),
]);
