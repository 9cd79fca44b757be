import { type Context, Module } from '@polymodal/core';
import type * as tf from '@tensorflow/tfjs-core';
import { attentionByOwner } from './attention-by-owner';
import { modalityBias } from './modality-bias';
import { MultiHeadAttention, type MultiHeadAttentionConfig } from './multi-head-attention';

/** Tokens, and the modality that each came from. */
export interface OwnedTokens {
  /** (B, N, D) */
  readonly tokens: tf.Tensor3D;
  /** (B, N), 1 = takes part. */
  readonly mask: tf.Tensor2D;
  /** (B, N), int32: the index of a modality, or −1 for what came from none. */
  readonly owner: tf.Tensor2D;
}

/** By how much modalities interact, in [0, 1], by querying and attended one: (S, S), or (B, S, S), those of each row. */
export type InteractionWeights = tf.Tensor2D | tf.Tensor3D;

/**
 * Attention of tokens of some modalities to those of others:
 *
 *     softmax(Q Kᵀ / √d + log W[owner of query, owner of key]) V
 *
 * W in [0, 1] says how much each modality attends to each other one. A weight multiplies what a token would attend by before it is
 * normalised; 0 excludes exactly, forward and in the gradient, and where all is excluded the value 0 is attended to. W may be fixed,
 * computed from something, or a parameter: gradients reach it.
 *
 * ```ts
 * const attention = new CrossModalAttention({ hiddenSize: 64, numAttentionHeads: 4 });
 * const weights = tf.tensor2d(interactionMatrix({ text: { image: 0.5 } }, ['image', 'text']));
 * const attended = attention.forward(words, { tokens, mask, owner }, weights, context); // (B, N, D)
 * attention.usage(words, { tokens, mask, owner }, weights, 2).print(); // (B, 2): how much of it came of pictures, and of text
 * ```
 */
export class CrossModalAttention extends Module {
  readonly attention: MultiHeadAttention;

  constructor(config: MultiHeadAttentionConfig) {
    super();
    this.attention = new MultiHeadAttention(config);
  }

  /**
   * @param query    (B, N, D)
   * @param keyValue (B, M, Dkv)
   * @param weights  W, all 1 if left out
   * @returns        (B, N, D)
   */
  forward(
    query: OwnedTokens,
    keyValue: OwnedTokens,
    weights: InteractionWeights | undefined,
    context: Context,
  ): tf.Tensor3D {
    const bias = weights && modalityBias(weights, query.owner, keyValue.owner);
    return this.attention.forward(query.tokens, keyValue.tokens, keyValue.mask, context, bias);
  }

  /**
   * How much each query attends to each key, by head: see {@link MultiHeadAttention.weights}.
   *
   * @returns (B, H, N, M)
   */
  weights(query: OwnedTokens, keyValue: OwnedTokens, weights: InteractionWeights | undefined): tf.Tensor4D {
    const bias = weights && modalityBias(weights, query.owner, keyValue.owner);
    return this.attention.weights(query.tokens, keyValue.tokens, keyValue.mask, bias);
  }

  /**
   * How much of each modality goes into each row: see `attentionByOwner`.
   *
   * @param modalities S, how many there are
   * @returns (B, S)
   */
  usage(
    query: OwnedTokens,
    keyValue: OwnedTokens,
    weights: InteractionWeights | undefined,
    modalities: number,
  ): tf.Tensor2D {
    return attentionByOwner(this.weights(query, keyValue, weights), query.mask, keyValue.owner, modalities);
  }
}
