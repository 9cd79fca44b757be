import { familyConfig, optional } from '@polymodal/hub';
import { activationNames } from '@polymodal/nn';
import { z } from 'zod';

const size = z.int().positive();
const rate = z.number().min(0).lt(1);

/** The options of HF `BertConfig`, which those of RoBERTa share; defaults as there. */
export const bertOptions = {
  vocab_size: optional(size, 30522),
  hidden_size: optional(size, 768),
  num_hidden_layers: optional(size, 12),
  num_attention_heads: optional(size, 12),
  intermediate_size: optional(size, 3072),
  hidden_act: optional(z.enum(activationNames), 'gelu'),
  hidden_dropout_prob: optional(rate, 0.1),
  attention_probs_dropout_prob: optional(rate, 0.1),
  max_position_embeddings: optional(size, 512),
  type_vocab_size: optional(size, 2),
  layer_norm_eps: optional(z.number().positive(), 1e-12),
  /** Relative positions, which transformers 5 has no more, are not implemented. */
  position_embedding_type: optional(z.literal('absolute'), 'absolute'),
  /** A causal BERT, with attention to an encoder, is not implemented. */
  is_decoder: optional(z.literal(false), false),
  add_cross_attention: optional(z.literal(false), false),
  pruned_heads: optional(z.strictObject({}), {}),
};

/** config.json of BERT; what Google's conversion says of a pooler is the one that all have. */
export const bertConfig = familyConfig(bertOptions, [
  'directionality',
  'pooler_fc_size',
  'pooler_num_attention_heads',
  'pooler_num_fc_layers',
  'pooler_size_per_head',
  'pooler_type',
]);
