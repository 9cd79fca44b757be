import { createFromConfig } from '@polymodal/hub';
import { expect, it } from 'vitest';
import { audioFamilies } from '.';

const speech = {
  activation_dropout: 0.1,
  apply_spec_augment: true,
  attention_dropout: 0.1,
  bos_token_id: 1,
  conv_dim: [512, 512, 512, 512, 512, 512, 512],
  conv_kernel: [10, 3, 3, 3, 3, 2, 2],
  conv_stride: [5, 2, 2, 2, 2, 2, 2],
  ctc_loss_reduction: 'sum',
  ctc_zero_infinity: false,
  eos_token_id: 2,
  feat_extract_activation: 'gelu',
  feat_extract_dropout: 0,
  feat_proj_dropout: 0.1,
  final_dropout: 0.1,
  gradient_checkpointing: false,
  hidden_act: 'gelu',
  hidden_dropout: 0.1,
  hidden_dropout_prob: 0.1,
  initializer_range: 0.02,
  layer_norm_eps: 1e-5,
  layerdrop: 0.1,
  mask_feature_length: 10,
  mask_feature_prob: 0,
  mask_time_length: 10,
  mask_time_prob: 0.05,
  num_conv_pos_embedding_groups: 16,
  num_conv_pos_embeddings: 128,
  num_feat_extract_layers: 7,
  pad_token_id: 0,
  vocab_size: 32,
};
const base = {
  ...{ conv_bias: false, do_stable_layer_norm: false, feat_extract_norm: 'group' },
  ...{ hidden_size: 768, intermediate_size: 3072, num_attention_heads: 12, num_hidden_layers: 12 },
};
const large = {
  ...{ conv_bias: true, do_stable_layer_norm: true, feat_extract_norm: 'layer' },
  ...{ hidden_size: 1024, intermediate_size: 4096, num_attention_heads: 16, num_hidden_layers: 24 },
};
const trainedInFairseq = {
  ...{ mask_channel_length: 10, mask_channel_min_space: 1, mask_channel_other: 0, mask_channel_prob: 0 },
  ...{ mask_channel_selection: 'static', mask_time_min_space: 1, mask_time_other: 0, mask_time_selection: 'static' },
};
const quantizer = {
  ...{ codevector_dim: 256, contrastive_logits_temperature: 0.1, diversity_loss_weight: 0.1 },
  ...{ feat_quantizer_dropout: 0, num_codevector_groups: 2, num_codevectors_per_group: 320 },
  ...{ num_negatives: 100, proj_codevector_dim: 256 },
};
const whisper = {
  activation_dropout: 0,
  activation_function: 'gelu',
  architectures: ['WhisperForConditionalGeneration'],
  attention_dropout: 0,
  begin_suppress_tokens: [220, 50257],
  decoder_layerdrop: 0,
  decoder_start_token_id: 50258,
  dropout: 0,
  encoder_layerdrop: 0,
  forced_decoder_ids: [[1, 50259]],
  init_std: 0.02,
  is_encoder_decoder: true,
  max_length: 448,
  max_source_positions: 1500,
  max_target_positions: 448,
  model_type: 'whisper',
  scale_embedding: false,
  suppress_tokens: [1, 2],
  use_cache: true,
};

/**
 * With the options that config.json of the models has as they were published; the numbers of parameters are those of
 * transformers' own models of these configs.
 */
it.each<[string, { model_type: string } & Record<string, unknown>, number]>([
  ['wav2vec2-base-960h', { ...speech, ...base, ...quantizer, model_type: 'wav2vec2' }, 94_371_712],
  [
    'wav2vec2-large-xlsr-53',
    { ...speech, ...large, ...quantizer, ...trainedInFairseq, model_type: 'wav2vec2' },
    315_438_720,
  ],
  ['hubert-base-ls960', { ...speech, ...base, model_type: 'hubert', tokenizer_class: 'x' }, 94_371_712],
  ['hubert-large-ll60k', { ...speech, ...large, model_type: 'hubert' }, 315_438_720],
  [
    'whisper-tiny',
    {
      ...whisper,
      ...{ d_model: 384, encoder_attention_heads: 6, encoder_ffn_dim: 1536, encoder_layers: 4, num_hidden_layers: 4 },
      ...{ decoder_attention_heads: 6, decoder_ffn_dim: 1536, decoder_layers: 4, num_mel_bins: 80, vocab_size: 51865 },
    },
    8_208_384,
  ],
  [
    'whisper-large-v3',
    {
      ...whisper,
      ...{
        apply_spec_augment: false,
        classifier_proj_size: 256,
        median_filter_width: 7,
        use_weighted_layer_sum: false,
      },
      ...{ d_model: 1280, encoder_attention_heads: 20, encoder_ffn_dim: 5120, encoder_layers: 32, num_mel_bins: 128 },
      ...{ mask_feature_length: 10, mask_feature_min_masks: 0, mask_feature_prob: 0, mask_time_length: 10 },
      ...{ mask_time_min_masks: 2, mask_time_prob: 0.05, vocab_size: 51866 },
    },
    636_968_960,
  ],
  [
    'ast-finetuned-audioset-10-10-0.4593',
    {
      architectures: ['ASTForAudioClassification'],
      attention_probs_dropout_prob: 0,
      frequency_stride: 10,
      hidden_act: 'gelu',
      hidden_dropout_prob: 0,
      hidden_size: 768,
      id2label: { 0: 'Speech' },
      initializer_range: 0.02,
      intermediate_size: 3072,
      layer_norm_eps: 1e-12,
      max_length: 1024,
      model_type: 'audio-spectrogram-transformer',
      num_attention_heads: 12,
      num_hidden_layers: 12,
      num_mel_bins: 128,
      patch_size: 16,
      qkv_bias: true,
      time_stride: 10,
    },
    86_187_264,
  ],
])('%s has as many parameters as in Python', (_, config, expected) => {
  const { model } = createFromConfig<(typeof audioFamilies)[number]>(audioFamilies, config);
  expect([...model.parameters().values()].reduce((sum, { size }) => sum + size, 0)).toBe(expected);
});
