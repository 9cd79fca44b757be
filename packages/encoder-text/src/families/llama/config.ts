import { familyConfig, optional } from '@polymodal/hub';
import { activationNames } from '@polymodal/nn';
import { z } from 'zod';
import { rotaryOptions } from './rotary-options';

const size = z.int().positive();

/** The options that HF `LlamaConfig` shares with those of its descendants; defaults as there. */
export const llamaOptions = {
  vocab_size: optional(size, 32000),
  hidden_size: optional(size, 4096),
  intermediate_size: optional(size, 11008),
  num_hidden_layers: optional(size, 32),
  num_attention_heads: optional(size, 32),
  num_key_value_heads: size.nullish(),
  head_dim: size.nullish(),
  hidden_act: optional(z.enum(activationNames), 'silu'),
  max_position_embeddings: optional(size, 2048),
  rms_norm_eps: optional(z.number().positive(), 1e-6),
  attention_dropout: optional(z.number().min(0).lt(1), 0),
  ...rotaryOptions,
};

/** config.json of Llama. */
export const llamaConfig = familyConfig({
  ...llamaOptions,
  attention_bias: optional(z.boolean(), false),
  mlp_bias: optional(z.boolean(), false),
  /** Products in parts, which rounds otherwise, are not implemented. */
  pretraining_tp: optional(z.literal(1), 1),
});
