import { type Context, Module } from '@polymodal/core';
import { dropout, GatedFeedForward, LayerNorm, MultiHeadAttention } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';

/** Sizes and rates of an {@link FtTransformerLayer}. */
export interface FtTransformerLayerConfig {
  readonly hiddenSize: number;
  readonly numAttentionHeads: number;
  /** Width within the feed-forward network. */
  readonly intermediateSize: number;
  readonly attentionDropout: number;
  /** Within the feed-forward network. */
  readonly activationDropout: number;
  /** On what each branch adds. */
  readonly hiddenDropout: number;
  readonly layerNormEps: number;
}

/**
 * A layer of FT-Transformer (Gorishniy et al. 2021, section 3.3 and appendix E; `FTTransformerBackbone` of `rtdl`): pre-norm, with ReGLU.
 * The first of a stack has no norm before its attention, which the authors found to matter.
 */
export class FtTransformerLayer extends Module {
  readonly norm1: LayerNorm | undefined;
  readonly attention: MultiHeadAttention;
  readonly norm2: LayerNorm;
  readonly feedForward: GatedFeedForward;
  readonly hiddenDropout: number;

  constructor(config: FtTransformerLayerConfig, isFirst: boolean) {
    super();
    const { hiddenSize, layerNormEps } = config;
    this.norm1 = isFirst ? undefined : new LayerNorm(hiddenSize, layerNormEps);
    this.attention = new MultiHeadAttention(config);
    this.norm2 = new LayerNorm(hiddenSize, layerNormEps);
    this.feedForward = new GatedFeedForward({ ...config, hiddenAct: 'relu', bias: true });
    this.hiddenDropout = config.hiddenDropout;
  }

  /**
   * @param tokens (P, N, D)
   * @param mask   (P, N), 1 = takes part
   * @returns      (P, N, D)
   */
  forward(tokens: tf.Tensor3D, mask: tf.Tensor2D, context: Context): tf.Tensor3D {
    const branch = (x: tf.Tensor3D) => dropout(x, this.hiddenDropout, context, this);
    const normed = this.norm1?.forward(tokens) ?? tokens;
    const attended = tf.add(tokens, branch(this.attention.forward(normed, normed, mask, context))) as tf.Tensor3D;
    return tf.add(attended, branch(this.feedForward.forward(this.norm2.forward(attended), context)));
  }
}
