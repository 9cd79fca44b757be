import { optional } from '@polymodal/hub';
import { type ActivationName, activationNames } from '@polymodal/nn';
import { z } from 'zod';

const size = z.int().positive();

/** What the text towers of dual encoders are made from: the names of HF `CLIPTextConfig` and `SiglipTextConfig`. */
export interface TextTowerConfig {
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly numHiddenLayers: number;
  readonly numAttentionHeads: number;
  readonly intermediateSize: number;
  readonly hiddenAct: ActivationName;
  readonly attentionDropout: number;
  readonly maxPositionEmbeddings: number;
  readonly layerNormEps: number;
}

/** The sizes that stand in the configs of text towers, with the defaults of one. */
export function towerOptions(defaults: {
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly numAttentionHeads: number;
  readonly maxPositionEmbeddings: number;
  readonly hiddenAct: (typeof activationNames)[number];
  readonly layerNormEps: number;
}) {
  return {
    vocab_size: optional(size, defaults.vocabSize),
    hidden_size: optional(size, defaults.hiddenSize),
    intermediate_size: optional(size, defaults.intermediateSize),
    num_hidden_layers: optional(size, 12),
    num_attention_heads: optional(size, defaults.numAttentionHeads),
    max_position_embeddings: optional(size, defaults.maxPositionEmbeddings),
    hidden_act: optional(z.enum(activationNames), defaults.hiddenAct),
    layer_norm_eps: optional(z.number().positive(), defaults.layerNormEps),
    attention_dropout: optional(z.number().min(0).lt(1), 0),
    /** What configs within others say in full, with the one value that it has in an encoder. */
    is_decoder: optional(z.literal(false), false),
    add_cross_attention: optional(z.literal(false), false),
    cross_attention_hidden_size: z.null().optional(),
    tie_encoder_decoder: optional(z.literal(false), false),
    pruned_heads: optional(z.strictObject({}), {}),
  };
}
