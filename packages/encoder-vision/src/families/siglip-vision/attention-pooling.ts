import { type Context, Module, Parameter } from '@polymodal/core';
import {
  FeedForward,
  LayerNorm,
  MultiHeadAttention,
  repeatRows,
  type TransformerLayerConfig,
  truncatedNormal,
} from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Pools tokens by attention of a learned query to them (Lee et al. 2019, "Set Transformer", eq. 11; HF
 * `SiglipMultiheadAttentionPoolingHead`).
 */
export class AttentionPooling extends Module {
  /** (1, 1, D) */
  readonly probe: Parameter<tf.Rank.R3>;
  readonly attention: MultiHeadAttention;
  readonly norm: LayerNorm;
  readonly feedForward: FeedForward;

  constructor(config: TransformerLayerConfig) {
    super();
    const { hiddenSize, numAttentionHeads, layerNormEps } = config;
    this.probe = new Parameter([1, 1, hiddenSize], truncatedNormal(0.02));
    this.attention = new MultiHeadAttention({ hiddenSize, numAttentionHeads });
    this.norm = new LayerNorm(hiddenSize, layerNormEps);
    this.feedForward = new FeedForward(config);
  }

  /**
   * @param tokens (B, N, D)
   * @param mask   (B, N), 1 = takes part
   * @returns (B, D)
   */
  forward(tokens: tf.Tensor3D, mask: tf.Tensor2D, context: Context): tf.Tensor2D {
    const [size, , hiddenSize] = tokens.shape;
    const attended = this.attention.forward(repeatRows(this.probe.value, size), tokens, mask, context); // (B, 1, D)
    const pooled = tf.add(attended, this.feedForward.forward(this.norm.forward(attended), context));
    return tf.reshape(pooled, [size, hiddenSize]);
  }
}
