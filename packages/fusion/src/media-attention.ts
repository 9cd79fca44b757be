import { type Context, Module, mapRecord } from '@polymodal/core';
import {
  attentionWeights,
  checkHeads,
  EXCLUDED_LOGIT,
  keepMask,
  Linear,
  RmsNorm,
  scaledDotProductAttention,
} from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';

/** What a {@link MediaAttention} is made from. */
export interface MediaAttentionConfig {
  /** Width D of the tokens that attend. */
  readonly hiddenSize: number;
  /** H, a divisor of D. */
  readonly numAttentionHeads: number;
  /** Width of the tokens attended to, by slot. */
  readonly mediaSizes: Readonly<Record<string, number>>;
  readonly attentionDropout: number;
  /** Whether queries and keys of each head are normed. */
  readonly qkLayerNorms: boolean;
  readonly rmsNormEps: number;
}

/** What tokens attend to, of all slots side by side. */
export interface MediaKeys {
  /** (B, M, D) each. */
  readonly keys: tf.Tensor3D;
  readonly values: tf.Tensor3D;
}

/**
 * Attention of a text's tokens to those of pictures and the like, in several heads without biases (HF `IdeficsAttention`, cross). Keys
 * and values are made apart, once, and serve every token that is written behind.
 */
export class MediaAttention extends Module {
  readonly query: Linear;
  /** By slot. */
  readonly key: Readonly<Record<string, Linear>>;
  readonly value: Readonly<Record<string, Linear>>;
  readonly output: Linear;
  readonly queryNorm: RmsNorm | undefined;
  readonly keyNorm: RmsNorm | undefined;
  readonly #heads: number;
  readonly #dropout: number;

  constructor({ hiddenSize, numAttentionHeads, mediaSizes, ...config }: MediaAttentionConfig) {
    super();
    checkHeads(hiddenSize, numAttentionHeads);
    const headDim = hiddenSize / numAttentionHeads;
    this.query = new Linear(hiddenSize, hiddenSize, { bias: false });
    this.key = mapRecord(mediaSizes, (size) => new Linear(size, hiddenSize, { bias: false }));
    this.value = mapRecord(mediaSizes, (size) => new Linear(size, hiddenSize, { bias: false }));
    this.output = new Linear(hiddenSize, hiddenSize, { bias: false });
    this.queryNorm = config.qkLayerNorms ? new RmsNorm(headDim, config.rmsNormEps) : undefined;
    this.keyNorm = config.qkLayerNorms ? new RmsNorm(headDim, config.rmsNormEps) : undefined;
    this.#heads = numAttentionHeads;
    this.#dropout = config.attentionDropout;
  }

  /** @param media (B, m, Dm) of each slot that there is, zeros where nothing takes part */
  keysAndValues(media: Readonly<Record<string, tf.Tensor3D>>): MediaKeys {
    const projected = (by: Readonly<Record<string, Linear>>) =>
      tf.concat(
        Object.entries(media).map(([slot, tokens]) => by[slot].forward(tokens)),
        1,
      );
    return { keys: this.#normed(projected(this.key), this.keyNorm), values: projected(this.value) };
  }

  /**
   * @param tokens (B, N, D)
   * @param sees   (B, N, M), or (B, 1, M) where all tokens see the same: 1 = seen
   * @returns      (B, N, D), 0 for a token that sees nothing
   */
  forward(tokens: tf.Tensor3D, { keys, values }: MediaKeys, sees: tf.Tensor3D, context: Context): tf.Tensor3D {
    const [batch, length] = tokens.shape;
    const query = this.#normed(this.query.forward(tokens), this.queryNorm);
    const logits: [number, number, number, number] = [batch, this.#heads, length, keys.shape[1]];
    const keep = keepMask<tf.Rank.R4>(logits, this.#dropout, context, this);
    return this.output.forward(scaledDotProductAttention(query, keys, values, biasOf(sees), this.#heads, keep));
  }

  /**
   * How much each token attends to each that it sees, by head: what {@link forward} multiplies the values by, without dropout.
   *
   * @returns (B, H, N, M), zeros for a token that sees nothing
   */
  weights(tokens: tf.Tensor3D, { keys }: Pick<MediaKeys, 'keys'>, sees: tf.Tensor3D): tf.Tensor4D {
    const query = this.#normed(this.query.forward(tokens), this.queryNorm);
    return attentionWeights(query, keys, biasOf(sees), this.#heads);
  }

  /** (B, N, D), each head normed by itself. */
  #normed(x: tf.Tensor3D, norm: RmsNorm | undefined): tf.Tensor3D {
    if (!norm) return x;
    const [size, length, width] = x.shape;
    const heads = tf.reshape<tf.Rank.R4>(x, [size, length, this.#heads, width / this.#heads]);
    return tf.reshape(norm.forward(heads), [size, length, width]);
  }
}

/** (B, N, M) → (B, 1, N, M), for all heads */
function biasOf(sees: tf.Tensor3D): tf.Tensor4D {
  return tf.expandDims(tf.mul(tf.sub(1, sees), EXCLUDED_LOGIT), 1);
}
