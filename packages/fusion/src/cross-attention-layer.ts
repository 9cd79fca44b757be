import { type Context, Module, Parameter, recomputed } from '@polymodal/core';
import {
  CrossModalAttention,
  dropout,
  FeedForward,
  type InteractionWeights,
  LayerNorm,
  type OwnedTokens,
  type TransformerLayerConfig,
  zeros,
} from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';

/** Sizes and choices of a {@link CrossAttentionLayer}. */
export interface CrossAttentionLayerConfig extends TransformerLayerConfig {
  /** Width of the tokens attended to. */
  readonly keyValueSize: number;
  /** Whether both branches come in through gates, which are shut at first. */
  readonly gate: boolean;
}

/**
 * A layer in which tokens of one modality attend to those of others: the co-attention of ViLBERT (Lu et al. 2019, figure 2b), with
 * norms at the beginning of the branches.
 *
 *     x ← x + g₁ · attention(norm(x), y)    x ← x + g₂ · feedForward(norm(x))
 *
 * The gates g = tanh(α) are 1 unless asked for (Alayrac et al. 2022, section 2.2). Rows without a token to attend to come out as they
 * went in.
 */
export class CrossAttentionLayer extends Module {
  readonly norm1: LayerNorm;
  readonly attention: CrossModalAttention;
  readonly norm2: LayerNorm;
  readonly feedForward: FeedForward;
  readonly hiddenDropout: number;
  /** α of both branches. */
  readonly gates: readonly Parameter<tf.Rank.R0>[];

  constructor(config: CrossAttentionLayerConfig) {
    super();
    const { hiddenSize, layerNormEps, hiddenDropout = 0 } = config;
    this.norm1 = new LayerNorm(hiddenSize, layerNormEps);
    this.attention = new CrossModalAttention(config);
    this.norm2 = new LayerNorm(hiddenSize, layerNormEps);
    this.feedForward = new FeedForward(config);
    this.hiddenDropout = hiddenDropout;
    this.gates = config.gate ? [new Parameter([], zeros), new Parameter([], zeros)] : [];
  }

  /**
   * @param query    (P, N, D)
   * @param keyValue (P, M, Dkv)
   * @returns (P, N, D)
   */
  forward(
    query: OwnedTokens,
    keyValue: OwnedTokens,
    weights: InteractionWeights | undefined,
    context: Context,
  ): tf.Tensor3D {
    const run = (tokens: tf.Tensor3D, own: Context) => this.#forward({ ...query, tokens }, keyValue, weights, own);
    return recomputed(query.tokens, context, run, [{ ...query }, { ...keyValue }, { ...weights }]);
  }

  #forward(
    query: OwnedTokens,
    keyValue: OwnedTokens,
    weights: InteractionWeights | undefined,
    context: Context,
  ): tf.Tensor3D {
    const sees = tf.expandDims(tf.max(keyValue.mask, 1, true), 2); // (P, 1, 1)
    const branch = (index: number, output: tf.Tensor3D) => {
      const gate = this.gates[index]?.value;
      return tf.mul<tf.Tensor3D>(output, gate ? tf.mul(tf.tanh(gate), sees) : sees);
    };
    const attended = this.attention.forward(this.#normed(query), keyValue, weights, context);
    const x = tf.add<tf.Tensor3D>(query.tokens, branch(0, dropout(attended, this.hiddenDropout, context, this)));
    return tf.add(x, branch(1, this.feedForward.forward(this.norm2.forward(x), context)));
  }

  /** How much each query attends to each key, by head: (P, H, N, M). */
  weights(query: OwnedTokens, keyValue: OwnedTokens, weights: InteractionWeights | undefined): tf.Tensor4D {
    return this.attention.weights(this.#normed(query), keyValue, weights);
  }

  /** How much of each of S modalities the attention uses, by row: (P, S). */
  usage(
    query: OwnedTokens,
    keyValue: OwnedTokens,
    weights: InteractionWeights | undefined,
    modalities: number,
  ): tf.Tensor2D {
    return this.attention.usage(this.#normed(query), keyValue, weights, modalities);
  }

  #normed(query: OwnedTokens): OwnedTokens {
    return { ...query, tokens: this.norm1.forward(query.tokens) };
  }
}
