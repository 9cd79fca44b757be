import { familyConfig, optional } from '@polymodal/hub';
import { z } from 'zod';
import { encoderOptions, option } from '../audio-options';

const size = z.int().positive();
const perAxis = z.union([size, z.tuple([size, size])]);

/** config.json of CLAP's audio tower (HF `ClapAudioConfig`). */
export const clapAudioConfig = familyConfig(
  {
    ...encoderOptions,
    window_size: option.size(8),
    num_mel_bins: option.size(64),
    spec_size: option.size(256),
    patch_size: optional(perAxis, 4),
    patch_stride: optional(perAxis, [4, 4]),
    patch_embed_input_channels: option.size(1),
    patch_embeds_hidden_size: option.size(96),
    enable_patch_layer_norm: option.flag(true),
    /** Patches that are not put into a row fit no layer, in Python neither. */
    flatten_patch_embeds: optional(z.literal(true), true),
    enable_fusion: option.flag(false),
    /** All fuse with attention, but for `channel_map`, with which Python's model cannot be run. */
    fusion_type: z.string().nullish(),
    aff_block_r: option.size(4),
    depths: option.sizes([2, 2, 6, 2]),
    num_attention_heads: option.sizes([4, 8, 16, 32]),
    mlp_ratio: option.positive(4),
    qkv_bias: option.flag(true),
    hidden_act: option.activation('gelu'),
    hidden_dropout_prob: option.rate(0.1),
    attention_probs_dropout_prob: option.rate(0),
    drop_path_rate: option.rate(0),
    layer_norm_eps: option.positive(1e-5),
    /** Of the projection, no part of the tower, which goes from this width. */
    hidden_size: option.size(768),
    projection_dim: option.size(512),
    projection_hidden_act: option.activation('relu'),
  },
  [
    'num_hidden_layers', // as many as there are depths
    'num_classes', // of the tagger that the tower was first part of
    // of plans that came to nothing, in published configs
    ...['fusion_num_hidden_layers', 'fusion_hidden_act', 'enable_patch_fusion', 'projection_hidden_size'],
  ],
);
