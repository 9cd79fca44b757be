import { familyConfig, optional } from '@polymodal/hub';
import { activationNames } from '@polymodal/nn';
import { z } from 'zod';
import { orDefaults } from '../or-defaults';

const size = z.int().positive();

/** What makes latents of pictures (HF `IdeficsPerceiverConfig`); what else stands there, Python passes over. */
const perceiver = z.object({
  resampler_n_latents: optional(size, 64),
  resampler_depth: optional(size, 6),
  resampler_n_heads: optional(size, 16),
  resampler_head_dim: optional(size, 96),
  qk_layer_norms_perceiver: optional(z.boolean(), false),
});

/** config.json of Idefics (HF `IdeficsConfig`). What is the language model's or the vision tower's alone, their families check. */
export const ideficsConfig = familyConfig(
  {
    vocab_size: optional(size, 32000),
    /** Tokens for pictures, which have embeddings of their own. */
    additional_vocab_size: optional(z.int().min(0), 0),
    hidden_size: optional(size, 4096),
    intermediate_size: optional(size, 11008),
    num_hidden_layers: optional(size, 32),
    num_attention_heads: optional(size, 32),
    hidden_act: optional(z.enum(activationNames), 'silu'),
    rms_norm_eps: optional(z.number().positive(), 1e-6),
    dropout: optional(z.literal(0, { error: '0, since other rates are not implemented' }), 0),
    alpha_type: optional(z.enum(['float', 'vector']), 'float'),
    cross_layer_interval: optional(size, 1),
    qk_layer_norms: optional(z.boolean(), false),
    use_resampler: optional(z.boolean(), false),
    perceiver_config: orDefaults(perceiver),
    vision_config: z.unknown(),
    tie_word_embeddings: optional(z.boolean(), false),
  },
  [
    ...['max_position_embeddings', 'rope_parameters', 'rope_scaling', 'rope_theta'],
    ...['alpha_initializer', 'alphas_initializer_range'], // how a new model begins in Python: here with gates closed
    ...['freeze_text_layers', 'freeze_text_module_exceptions', 'freeze_lm_head'], // what learns, says whoever trains
    ...['freeze_vision_layers', 'freeze_vision_module_exceptions'],
  ],
);
