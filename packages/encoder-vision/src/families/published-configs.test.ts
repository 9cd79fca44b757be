import { createFromConfig, type PretrainedConfig } from '@polymodal/hub';
import { expect, it } from 'vitest';
import { visionFamilies } from '.';

const common = {
  ...{ attention_probs_dropout_prob: 0, hidden_act: 'gelu', hidden_dropout_prob: 0, initializer_range: 0.02 },
  ...{ num_channels: 3, qkv_bias: true, torch_dtype: 'float32', transformers_version: '4.31.0.dev0' },
};
const base = { ...common, hidden_size: 768, num_attention_heads: 12, num_hidden_layers: 12 };
const dinov2 = {
  ...{ ...base, architectures: ['Dinov2Model'], drop_path_rate: 0, image_size: 518, layer_norm_eps: 1e-6 },
  ...{ layerscale_value: 1, mlp_ratio: 4, model_type: 'dinov2', patch_size: 14, use_swiglu_ffn: false },
};
const registers = {
  ...{ model_type: 'dinov2_with_registers', architectures: ['Dinov2WithRegistersModel'] },
  num_register_tokens: 4,
};

/** Configs as they are published, and how many parameters transformers' class has. */
const published: Readonly<Record<string, [config: PretrainedConfig, parameters: number]>> = {
  'google/vit-base-patch16-224': [
    {
      ...{ ...base, architectures: ['ViTForImageClassification'], encoder_stride: 16, id2label: { 0: 'tench' } },
      ...{ image_size: 224, intermediate_size: 3072, label2id: { tench: 0 }, layer_norm_eps: 1e-12 },
      ...{ model_type: 'vit', patch_size: 16 },
    },
    86389248,
  ],
  'facebook/dinov2-base': [dinov2, 86580480],
  'facebook/dinov2-giant': [
    { ...dinov2, hidden_size: 1536, num_attention_heads: 24, num_hidden_layers: 40, use_swiglu_ffn: true },
    1136480768,
  ],
  'facebook/dinov2-with-registers-base': [{ ...dinov2, ...registers }, 86583552],
  'microsoft/swin-tiny-patch4-window7-224': [
    {
      ...{ ...common, architectures: ['SwinForImageClassification'], depths: [2, 2, 6, 2], drop_path_rate: 0.1 },
      ...{ embed_dim: 96, encoder_stride: 32, hidden_size: 768, image_size: 224, layer_norm_eps: 1e-5, mlp_ratio: 4 },
      ...{ model_type: 'swin', num_heads: [3, 6, 12, 24], num_layers: 4, patch_size: 4, path_norm: true },
      ...{ use_absolute_embeddings: false, window_size: 7, out_features: ['stage4'], out_indices: [4] },
      ...{ stage_names: ['stem', 'stage1', 'stage2', 'stage3', 'stage4'] },
    },
    27519354,
  ],
};

it.each(Object.entries(published))('%s is taken as it is published', (_, [config, parameters]) => {
  const { model } = createFromConfig(visionFamilies, config);
  const size = [...model.parameters().values()].reduce((sum, parameter) => sum + parameter.size, 0);
  expect(size).toBe(parameters);
});
