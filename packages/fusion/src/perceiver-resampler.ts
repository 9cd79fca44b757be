import { Module, Parameter } from '@polymodal/core';
import {
  type Activation,
  type ActivationName,
  activation,
  attentionWeights,
  checkHeads,
  EXCLUDED_LOGIT,
  LayerNorm,
  Linear,
  normal,
  repeatRows,
  scaledDotProductAttention,
} from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';

/** Sizes and choices of a {@link PerceiverResampler}. */
export interface PerceiverConfig {
  /** Width D of what is resampled, and of the latents. */
  readonly hiddenSize: number;
  /** L */
  readonly numLatents: number;
  readonly numHiddenLayers: number;
  readonly numAttentionHeads: number;
  /** Width of a head; hiddenSize / numAttentionHeads by default. */
  readonly headDim?: number | undefined;
  readonly intermediateSize: number;
  readonly hiddenAct: ActivationName;
  readonly layerNormEps: number;
  /** Whether queries and keys of each head are normed. */
  readonly qkLayerNorms: boolean;
}

/**
 * Any number of tokens as a fixed number of latents (the resampler of Flamingo, Alayrac et al. 2022, section 2.1, after Jaegle et al.
 * 2021; HF `IdeficsPerceiverResampler`). Learned latents attend to the tokens and to one another:
 *
 *     z ← z + attention(q = norm(z), k = v = [norm(x); norm(z)])    z ← z + feedForward(norm(z))
 *
 * ```ts
 * const resampler = new PerceiverResampler({ hiddenSize: 64, numLatents: 8, numHiddenLayers: 2, … });
 * resampler.forward(tokens, mask); // (B, N, 64) → (B, 8, 64)
 * ```
 *
 * @throws ConfigError for heads that do not divide the width, where headDim is left to them
 */
export class PerceiverResampler extends Module {
  /** (1, L, D) */
  readonly latents: Parameter<tf.Rank.R3>;
  readonly layers: readonly PerceiverLayer[];
  readonly norm: LayerNorm;

  constructor(config: PerceiverConfig) {
    super();
    const { hiddenSize, numLatents, numHiddenLayers, layerNormEps } = config;
    this.latents = new Parameter([1, numLatents, hiddenSize], normal(1));
    this.layers = Array.from({ length: numHiddenLayers }, () => new PerceiverLayer(config));
    this.norm = new LayerNorm(hiddenSize, layerNormEps);
  }

  /**
   * @param tokens (B, N, D), finite everywhere
   * @param mask   (B, N), 1 = takes part
   * @param look   is told how the latents attend in each layer to the tokens, and then to one another: (B, H, L, N + L)
   * @returns      (B, L, D); of a row without tokens too, whose latents see one another alone
   */
  forward(tokens: tf.Tensor3D, mask: tf.Tensor2D, look?: (layer: number, weights: tf.Tensor4D) => void): tf.Tensor3D {
    let latents = repeatRows(this.latents.value, tokens.shape[0]);
    for (const [index, layer] of this.layers.entries()) {
      look?.(index, layer.attention.weights(latents, tokens, mask));
      latents = layer.forward(latents, tokens, mask);
    }
    return this.norm.forward(latents);
  }
}

/** Attention and a feed-forward network, both without biases. */
class PerceiverLayer extends Module {
  readonly attention: PerceiverAttention;
  readonly norm: LayerNorm;
  readonly intermediate: Linear;
  readonly output: Linear;
  readonly activation: Activation;

  constructor(config: PerceiverConfig) {
    super();
    const { hiddenSize, intermediateSize } = config;
    this.attention = new PerceiverAttention(config);
    this.norm = new LayerNorm(hiddenSize, config.layerNormEps);
    this.intermediate = new Linear(hiddenSize, intermediateSize, { bias: false });
    this.output = new Linear(intermediateSize, hiddenSize, { bias: false });
    this.activation = activation(config.hiddenAct);
  }

  forward(latents: tf.Tensor3D, tokens: tf.Tensor3D, mask: tf.Tensor2D): tf.Tensor3D {
    const attended = tf.add<tf.Tensor3D>(latents, this.attention.forward(latents, tokens, mask));
    const hidden = this.activation(this.intermediate.forward(this.norm.forward(attended)));
    return tf.add(attended, this.output.forward(hidden));
  }
}

/** Latents attend to tokens and to latents. */
class PerceiverAttention extends Module {
  readonly tokenNorm: LayerNorm;
  readonly latentNorm: LayerNorm;
  readonly query: Linear;
  readonly key: Linear;
  readonly value: Linear;
  readonly output: Linear;
  readonly queryNorm: LayerNorm | undefined;
  readonly keyNorm: LayerNorm | undefined;
  readonly #heads: number;

  constructor({ hiddenSize, numAttentionHeads, layerNormEps, qkLayerNorms, ...config }: PerceiverConfig) {
    super();
    if (config.headDim === undefined) checkHeads(hiddenSize, numAttentionHeads);
    const { headDim = hiddenSize / numAttentionHeads } = config;
    const width = numAttentionHeads * headDim;
    this.tokenNorm = new LayerNorm(hiddenSize, layerNormEps);
    this.latentNorm = new LayerNorm(hiddenSize, layerNormEps);
    this.query = new Linear(hiddenSize, width, { bias: false });
    this.key = new Linear(hiddenSize, width, { bias: false });
    this.value = new Linear(hiddenSize, width, { bias: false });
    this.output = new Linear(width, hiddenSize, { bias: false });
    if (qkLayerNorms) {
      this.queryNorm = new LayerNorm(headDim, layerNormEps);
      this.keyNorm = new LayerNorm(headDim, layerNormEps);
    }
    this.#heads = numAttentionHeads;
  }

  forward(latents: tf.Tensor3D, tokens: tf.Tensor3D, mask: tf.Tensor2D): tf.Tensor3D {
    const { query, key, attended, bias } = this.#asked(latents, tokens, mask);
    return this.output.forward(scaledDotProductAttention(query, key, this.value.forward(attended), bias, this.#heads));
  }

  /** How much each latent attends to each token and latent, by head: (B, H, L, N + L). */
  weights(latents: tf.Tensor3D, tokens: tf.Tensor3D, mask: tf.Tensor2D): tf.Tensor4D {
    const { query, key, bias } = this.#asked(latents, tokens, mask);
    return attentionWeights(query, key, bias, this.#heads);
  }

  /** What {@link scaledDotProductAttention} takes, but for the values, and what these are made of: (B, N + L, D). */
  #asked(latents: tf.Tensor3D, tokens: tf.Tensor3D, mask: tf.Tensor2D) {
    const [size, count] = latents.shape;
    const queries = this.latentNorm.forward(latents);
    const attended = tf.concat([this.tokenNorm.forward(tokens), queries], 1);
    const excluded = tf.pad(tf.mul(tf.sub(1, mask), EXCLUDED_LOGIT), [
      [0, 0],
      [0, count],
    ]);
    return {
      query: this.#normed(this.query.forward(queries), this.queryNorm),
      key: this.#normed(this.key.forward(attended), this.keyNorm),
      attended,
      bias: tf.reshape(excluded, [size, 1, 1, attended.shape[1]]),
    };
  }

  /** (B, N, H · d), each head normed by itself. */
  #normed(x: tf.Tensor3D, norm: LayerNorm | undefined): tf.Tensor3D {
    if (!norm) return x;
    const [size, length, width] = x.shape;
    const heads = tf.reshape<tf.Rank.R4>(x, [size, length, this.#heads, width / this.#heads]);
    return tf.reshape(norm.forward(heads), [size, length, width]);
  }
}
