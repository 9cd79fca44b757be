import { familyConfig } from '@polymodal/hub';
import { encoderOptions, option } from '../audio-options';

/** config.json of the Audio Spectrogram Transformer (HF `ASTConfig`). */
export const astConfig = familyConfig({
  ...encoderOptions,
  hidden_size: option.size(768),
  num_hidden_layers: option.size(12),
  num_attention_heads: option.size(12),
  intermediate_size: option.size(3072),
  hidden_act: option.activation('gelu'),
  hidden_dropout_prob: option.rate(0),
  attention_probs_dropout_prob: option.rate(0),
  layer_norm_eps: option.positive(1e-12),
  patch_size: option.size(16),
  qkv_bias: option.flag(true),
  frequency_stride: option.size(10),
  time_stride: option.size(10),
  max_length: option.size(1024),
  num_mel_bins: option.size(128),
});
