import { familyConfig, optional } from '@polymodal/hub';
import { activationNames } from '@polymodal/nn';
import { z } from 'zod';

const size = z.int().positive();
const rate = z.number().min(0).lt(1);

/** config.json of GPT-2; defaults as in HF `GPT2Config`. */
export const gpt2Config = familyConfig(
  {
    vocab_size: optional(size, 50257),
    n_positions: optional(size, 1024),
    n_embd: optional(size, 768),
    n_layer: optional(size, 12),
    n_head: optional(size, 12),
    n_inner: size.nullish(),
    activation_function: optional(z.enum(activationNames), 'gelu_new'),
    resid_pdrop: optional(rate, 0.1),
    embd_pdrop: optional(rate, 0.1),
    attn_pdrop: optional(rate, 0.1),
    layer_norm_epsilon: optional(z.number().positive(), 1e-5),
    scale_attn_weights: optional(z.boolean(), true),
    scale_attn_by_inverse_layer_idx: optional(z.boolean(), false),
    /** Attention to an encoder is not implemented. */
    add_cross_attention: optional(z.literal(false), false),
    pruned_heads: optional(z.strictObject({}), {}),
  },
  [
    'n_ctx', // an older name of n_positions, beside it
    'reorder_and_upcast_attn', // the order of rounding, in float16
    'summary_type', // and the others: of a head
    'summary_use_proj',
    'summary_activation',
    'summary_proj_to_labels',
    'summary_first_dropout',
  ],
);
