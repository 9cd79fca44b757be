import type { RandomKey } from '@polymodal/core';
import { describeEncoder } from '@polymodal/testing';
import { describe } from 'vitest';
import { pretrainedImageEncoder } from './pretrained-image';

const sizes = {
  ...{ hidden_size: 12, num_hidden_layers: 1, num_attention_heads: 2, image_size: 8, patch_size: 4 },
  layer_norm_eps: 0.1, // tokens begin small, where a norm with next to none is too steep for finite differences
};
const still = { hidden_dropout_prob: 0, attention_probs_dropout_prob: 0 };
const swin = { embed_dim: 6, depths: [2, 1], num_heads: [2, 2], window_size: 2, image_size: 8, patch_size: 1 };
const models: Readonly<Record<string, object>> = {
  vit: { ...sizes, ...still, intermediate_size: 16 },
  dinov2: { ...sizes, ...still, mlp_ratio: 2, use_mask_token: false },
  swin: { ...swin, ...still, drop_path_rate: 0 },
  clip_vision_model: { ...sizes, intermediate_size: 16 },
  siglip_vision_model: { ...sizes, intermediate_size: 16 },
};

const processor = {
  image_processor_type: 'ViTImageProcessor',
  size: { height: 8, width: 8 },
  image_mean: [0.5, 0.5, 0.5],
  image_std: [0.5, 0.5, 0.5],
};
const sample = (key: RandomKey) => ({ data: key.uniform(6 * 5), width: 6, height: 5, channels: 1 });
const invalid = ['missing.png', new Uint8Array(0), { width: 1, height: 1, channels: 1 }];
const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

describe.each(Object.entries(models))('pretrained-image as %s', (model_type, options) => {
  const files = { 'config.json': json({ model_type, ...options }), 'preprocessor_config.json': json(processor) };
  describeEncoder(pretrainedImageEncoder, { config: { from: 'a folder' }, files, sample, invalid });
});
