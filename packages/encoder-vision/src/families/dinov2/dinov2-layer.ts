import { type Context, Module } from '@polymodal/core';
import {
  type ActivationName,
  dropPath,
  FeedForward,
  GatedFeedForward,
  LayerNorm,
  MultiHeadAttention,
} from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { LayerScale } from './layer-scale';

/** Config of {@link Dinov2Layer}: the names of HF `Dinov2Config`. */
export interface Dinov2LayerConfig {
  readonly hiddenSize: number;
  readonly numAttentionHeads: number;
  readonly mlpRatio: number;
  readonly hiddenAct: ActivationName;
  readonly attentionProbsDropoutProb: number;
  readonly dropPathRate: number;
  readonly layerNormEps: number;
  readonly qkvBias: boolean;
  readonly layerscaleValue: number;
  /** Whether the feed-forward network has a gate (Shazeer 2020, "SwiGLU"), as the largest model's does. */
  readonly useSwigluFfn: boolean;
}

/** A pre-norm Transformer layer whose two branches are scaled (Oquab et al. 2023; HF `Dinov2Layer`). */
export class Dinov2Layer extends Module {
  readonly norm1: LayerNorm;
  readonly attention: MultiHeadAttention;
  readonly scale1: LayerScale;
  readonly norm2: LayerNorm;
  readonly feedForward: FeedForward | GatedFeedForward;
  readonly scale2: LayerScale;
  readonly #dropPath: number;

  constructor(config: Dinov2LayerConfig) {
    super();
    const { hiddenSize, hiddenAct, layerNormEps, layerscaleValue, qkvBias } = config;
    this.norm1 = new LayerNorm(hiddenSize, layerNormEps);
    this.attention = new MultiHeadAttention({
      hiddenSize,
      numAttentionHeads: config.numAttentionHeads,
      attentionDropout: config.attentionProbsDropoutProb,
      bias: { query: qkvBias, key: qkvBias, value: qkvBias },
    });
    this.scale1 = new LayerScale(hiddenSize, layerscaleValue);
    this.norm2 = new LayerNorm(hiddenSize, layerNormEps);
    const wide = Math.trunc(hiddenSize * config.mlpRatio);
    this.feedForward = config.useSwigluFfn
      ? new GatedFeedForward({ hiddenSize, intermediateSize: gatedSize(wide), bias: true })
      : new FeedForward({ hiddenSize, intermediateSize: wide, hiddenAct });
    this.scale2 = new LayerScale(hiddenSize, layerscaleValue);
    this.#dropPath = config.dropPathRate;
  }

  /**
   * @param tokens (B, N, D)
   * @param mask   (B, N), 1 = takes part
   * @returns (B, N, D)
   */
  forward(tokens: tf.Tensor3D, mask: tf.Tensor2D, context: Context): tf.Tensor3D {
    const normed = this.norm1.forward(tokens);
    return this.#after(tokens, this.attention.forward(normed, normed, mask, context), context);
  }

  /**
   * What {@link forward} gives of some of the tokens, which attend to all of them.
   *
   * @param some (B, Q, D), of the tokens
   * @returns    (B, Q, D)
   */
  forwardOf(some: tf.Tensor3D, tokens: tf.Tensor3D, mask: tf.Tensor2D, context: Context): tf.Tensor3D {
    const [own, seen] = [some, tokens].map((x) => this.norm1.forward(x));
    return this.#after(some, this.attention.forward(own, seen, mask, context), context);
  }

  /** The rest of the layer, behind its attention. */
  #after(tokens: tf.Tensor3D, heads: tf.Tensor3D, context: Context): tf.Tensor3D {
    const attended = this.scale1.forward(heads);
    const between = tf.add<tf.Tensor3D>(tokens, dropPath(attended, this.#dropPath, context, this));
    const fed = this.scale2.forward(this.feedForward.forward(this.norm2.forward(between), context));
    return tf.add(between, dropPath(fed, this.#dropPath, context, this));
  }
}

/** Two thirds, since there are three matrices in the place of two, as a multiple of 8. */
function gatedSize(wide: number): number {
  return Math.ceil(Math.trunc((wide * 2) / 3) / 8) * 8;
}
