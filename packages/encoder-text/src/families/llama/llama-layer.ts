import { type Context, Module } from '@polymodal/core';
import {
  type AttentionLayer,
  GatedFeedForward,
  type GatedFeedForwardConfig,
  MultiHeadAttention,
  type MultiHeadAttentionConfig,
  RmsNorm,
} from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';

/** What a {@link LlamaLayer} is made from. */
export interface LlamaLayerConfig extends Omit<GatedFeedForwardConfig, 'bias'> {
  readonly numAttentionHeads: number;
  readonly numKeyValueHeads: number;
  readonly headDim: number;
  readonly attentionDropout: number;
  readonly attentionBias: MultiHeadAttentionConfig['bias'];
  readonly mlpBias: boolean;
  readonly rmsNormEps: number;
}

/** A layer of Llama (Touvron et al. 2023, section 2.2; HF `LlamaDecoderLayer`): pre-norm, with rotary positions and a gate. */
export class LlamaLayer extends Module implements AttentionLayer {
  readonly norm1: RmsNorm;
  readonly attention: MultiHeadAttention;
  readonly norm2: RmsNorm;
  readonly feedForward: GatedFeedForward;

  constructor(config: LlamaLayerConfig) {
    super();
    this.norm1 = new RmsNorm(config.hiddenSize, config.rmsNormEps);
    this.attention = new MultiHeadAttention({ ...config, bias: config.attentionBias });
    this.norm2 = new RmsNorm(config.hiddenSize, config.rmsNormEps);
    this.feedForward = new GatedFeedForward({ ...config, bias: config.mlpBias });
  }

  /**
   * The layer around a way to attend: of the tokens to each other, or to a cache.
   *
   * @param tokens    (B, N, D)
   * @param attention (B, N, D) → (B, N, D)
   * @returns         (B, N, D)
   */
  forwardWith(tokens: tf.Tensor3D, attention: (x: tf.Tensor3D) => tf.Tensor3D, context: Context): tf.Tensor3D {
    const attended = tf.add<tf.Tensor3D>(tokens, attention(this.norm1.forward(tokens)));
    return tf.add(attended, this.feedForward.forward(this.norm2.forward(attended), context));
  }
}
