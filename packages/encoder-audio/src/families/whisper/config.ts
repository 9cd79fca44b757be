import { familyConfig } from '@polymodal/hub';
import { z } from 'zod';
import { encoderOptions, option, specAugmentOptions } from '../audio-options';

/** config.json of Whisper (HF `WhisperConfig`), of which the encoder needs a part. */
export const whisperConfig = familyConfig(
  {
    ...encoderOptions,
    ...specAugmentOptions(false),
    num_mel_bins: option.size(80),
    d_model: option.size(384),
    encoder_layers: option.size(4),
    encoder_attention_heads: option.size(6),
    encoder_ffn_dim: option.size(1536),
    encoder_layerdrop: option.rate(0),
    activation_function: option.activation('gelu'),
    dropout: option.rate(0),
    attention_dropout: option.rate(0),
    activation_dropout: option.rate(0),
    max_source_positions: option.size(1500),
    /** The same as encoder_layers, where it is written. */
    num_hidden_layers: z.int().positive().nullish(),
  },
  [
    ...['vocab_size', 'decoder_layers', 'decoder_attention_heads', 'decoder_ffn_dim', 'decoder_layerdrop'],
    ...['max_target_positions', 'scale_embedding', 'init_std', 'use_weighted_layer_sum', 'classifier_proj_size'],
    ...['median_filter_width', 'alignment_heads', 'forced_decoder_ids'],
  ],
);
