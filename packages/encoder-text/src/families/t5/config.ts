import { familyConfig, optional } from '@polymodal/hub';
import { activationNames } from '@polymodal/nn';
import { z } from 'zod';

const size = z.int().positive();
const gated = activationNames.map((name) => `gated-${name}` as const);

/** config.json of T5, whose first half the encoder is (HF `T5Config`). */
export const t5Config = familyConfig(
  {
    vocab_size: optional(size, 32128),
    d_model: optional(size, 512),
    d_kv: optional(size, 64),
    d_ff: optional(size, 2048),
    num_layers: optional(size, 6),
    num_heads: optional(size, 8),
    relative_attention_num_buckets: optional(z.int().min(4), 32),
    relative_attention_max_distance: optional(size, 128),
    dropout_rate: optional(z.number().min(0).lt(1), 0.1),
    layer_norm_epsilon: optional(z.number().positive(), 1e-6),
    /** `gated-gelu` since version 1.1, Flan's too. */
    feed_forward_proj: optional(z.enum([...activationNames, ...gated]), 'relu'),
  },
  [
    'num_decoder_layers', // and what else is of the other half
    'is_encoder_decoder',
    'scale_decoder_outputs',
    'decoder_start_token_id',
    'dense_act_fn', // which follow from feed_forward_proj
    'is_gated_act',
    'classifier_dropout',
    'is_decoder',
    'n_positions', // how long the texts were that it was trained with
    'output_past',
  ],
);
