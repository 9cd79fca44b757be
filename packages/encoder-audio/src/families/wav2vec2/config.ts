import { familyConfig, optional } from '@polymodal/hub';
import { z } from 'zod';
import { encoderOptions, option, specAugmentOptions } from '../audio-options';

/** Options that wav2vec 2.0 and HuBERT have; defaults as in HF `Wav2Vec2Config`. */
export const speechOptions = {
  ...encoderOptions,
  ...specAugmentOptions(true),
  hidden_size: option.size(768),
  num_hidden_layers: option.size(12),
  num_attention_heads: option.size(12),
  intermediate_size: option.size(3072),
  hidden_act: option.activation('gelu'),
  hidden_dropout: option.rate(0.1),
  activation_dropout: option.rate(0.1),
  attention_dropout: option.rate(0.1),
  feat_proj_dropout: option.rate(0),
  layerdrop: option.rate(0.1),
  layer_norm_eps: option.positive(1e-5),
  feat_extract_norm: optional(z.enum(['group', 'layer']), 'group'),
  feat_extract_activation: option.activation('gelu'),
  conv_dim: option.sizes([512, 512, 512, 512, 512, 512, 512]),
  conv_stride: option.sizes([5, 2, 2, 2, 2, 2, 2]),
  conv_kernel: option.sizes([10, 3, 3, 3, 3, 2, 2]),
  conv_bias: option.flag(false),
  num_conv_pos_embeddings: option.size(128),
  num_conv_pos_embedding_groups: option.size(16),
  do_stable_layer_norm: option.flag(false),
};

/** Of heads, of losses, or read by the code that models were first trained with alone. */
export const speechHarmless = [
  ...['num_feat_extract_layers', 'vocab_size', 'final_dropout', 'hidden_dropout_prob', 'feat_extract_dropout'],
  ...['ctc_loss_reduction', 'ctc_zero_infinity', 'use_weighted_layer_sum', 'classifier_proj_size'],
  ...['mask_time_min_space', 'mask_time_other', 'mask_time_selection', 'no_mask_time_overlap'],
  ...['mask_channel_length', 'mask_channel_prob', 'mask_channel_min_space', 'mask_channel_other'],
  ...['mask_channel_selection', 'no_mask_channel_overlap', 'freeze_feat_extract_train'],
];

/** config.json of wav2vec 2.0 (HF `Wav2Vec2Config`). */
export const wav2vec2Config = familyConfig(
  {
    ...speechOptions,
    add_adapter: option.flag(false),
    adapter_kernel_size: option.size(3),
    adapter_stride: option.size(2),
    num_adapter_layers: option.size(3),
    output_hidden_size: z.int().positive().nullish(),
    adapter_attn_dim: z.int().positive().nullish(),
  },
  [
    ...speechHarmless,
    ...['feat_quantizer_dropout', 'num_codevectors_per_group', 'num_codevector_groups', 'codevector_dim'],
    ...['proj_codevector_dim', 'contrastive_logits_temperature', 'num_negatives', 'diversity_loss_weight'],
    ...['tdnn_dim', 'tdnn_kernel', 'tdnn_dilation', 'xvector_output_dim'],
  ],
);
