import { type Context, Module } from '@polymodal/core';
import {
  type ActivationName,
  type AttentionLayer,
  dropout,
  FeedForward,
  GatedFeedForward,
  MultiHeadAttention,
  RmsNorm,
} from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';

/** What a {@link T5Layer} is made from. */
export interface T5LayerConfig {
  readonly hiddenSize: number;
  readonly headDim: number;
  readonly numAttentionHeads: number;
  readonly intermediateSize: number;
  readonly hiddenAct: ActivationName;
  /** Whether the feed-forward network has a gate, as since version 1.1. */
  readonly isGated: boolean;
  readonly dropout: number;
  readonly layerNormEps: number;
}

/** (B, N, D) → (B, N, D) */
type Branch = (x: tf.Tensor3D) => tf.Tensor3D;

/** A layer of T5's encoder (Raffel et al. 2020, section 2.1; HF `T5Block`): pre-norm, without means and biases. */
export class T5Layer extends Module implements AttentionLayer {
  readonly norm1: RmsNorm;
  readonly attention: MultiHeadAttention;
  readonly norm2: RmsNorm;
  readonly feedForward: FeedForward | GatedFeedForward;
  readonly #dropout: number;

  constructor(config: T5LayerConfig) {
    super();
    const { hiddenSize, layerNormEps, dropout: activationDropout, isGated, intermediateSize, hiddenAct } = config;
    const feedForward = { hiddenSize, intermediateSize, hiddenAct, activationDropout, bias: false };
    this.norm1 = new RmsNorm(hiddenSize, layerNormEps);
    this.attention = t5Attention(config);
    this.norm2 = new RmsNorm(hiddenSize, layerNormEps);
    this.feedForward = isGated ? new GatedFeedForward(feedForward) : new FeedForward(feedForward);
    this.#dropout = config.dropout;
  }

  /**
   * @param tokens    (B, N, D)
   * @param attention of the tokens to each other, or to a cache
   * @returns         (B, N, D)
   */
  forwardWith(tokens: tf.Tensor3D, attention: Branch, context: Context): tf.Tensor3D {
    return this.fed(this.added(tokens, this.norm1, attention, context), context);
  }

  /** Tokens with what a branch makes of them. */
  protected added(tokens: tf.Tensor3D, norm: RmsNorm, branch: Branch, context: Context): tf.Tensor3D {
    return tf.add(tokens, dropout(branch(norm.forward(tokens)), this.#dropout, context, this));
  }

  protected fed(tokens: tf.Tensor3D, context: Context): tf.Tensor3D {
    return this.added(tokens, this.norm2, (x) => this.feedForward.forward(x, context), context);
  }
}

/** Attention of T5, whose logits are not divided by √d: its initial values are made for that. */
export function t5Attention({ hiddenSize, headDim, numAttentionHeads, dropout }: T5LayerConfig): MultiHeadAttention {
  const sizes = { hiddenSize, headDim, numAttentionHeads };
  return new MultiHeadAttention({ ...sizes, attentionDropout: dropout, attentionScale: 1, bias: false });
}
