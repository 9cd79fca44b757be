import { type Context, Module, Parameter } from '@polymodal/core';
import { LayerNorm, MultiHeadAttention, type TransformerConfig, zeros } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { PlacedTokens } from './modality-tokens';

/**
 * Lets tokens attend to those of an added modality: x + tanh(α) · attention(norm(x), y) (Alayrac et al. 2022,
 * section 2.2). α starts at 0, so that at first nothing changes, and learns how much to let in.
 */
export class GatedCrossAttention extends Module {
  readonly norm: LayerNorm;
  readonly attention: MultiHeadAttention;
  /** α, a scalar. */
  readonly gate: Parameter<tf.Rank.R0>;

  constructor(config: TransformerConfig) {
    super();
    this.norm = new LayerNorm(config.hiddenSize, config.layerNormEps);
    this.attention = new MultiHeadAttention(config);
    this.gate = new Parameter([], zeros);
  }

  /**
   * Rows without a token of the added modality come out as they went in.
   *
   * @param tokens (B, N, D)
   * @returns (B, N, D)
   */
  forward(tokens: tf.Tensor3D, added: PlacedTokens, context: Context): tf.Tensor3D {
    const attended = this.attention.forward(this.norm.forward(tokens), added.tokens, added.mask, context);
    const present = tf.expandDims(tf.max(added.mask, 1, true), -1); // (B, 1, 1)
    return tf.add(tokens, tf.mul(tf.mul(tf.tanh(this.gate.value), present), attended));
  }

  /** How much each token attends to each of the added modality, by head, before the gate: (B, H, N, M). */
  weights(tokens: tf.Tensor3D, added: PlacedTokens): tf.Tensor4D {
    return this.attention.weights(this.norm.forward(tokens), added.tokens, added.mask);
  }
}
