import { type Context, Module, Parameter, recomputed } from '@polymodal/core';
import { dropout, GatedFeedForward, type GatedFeedForwardConfig, RmsNorm, zeros } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { MediaAttention, type MediaAttentionConfig, type MediaKeys } from './media-attention';

/** What a {@link GatedMediaLayer} is made from. */
export interface GatedMediaLayerConfig extends MediaAttentionConfig, GatedFeedForwardConfig {
  /** Whether a gate is one number, or one for each of D. */
  readonly gate: 'scalar' | 'vector';
  /** What becomes of tokens that see nothing: they pass as they are, or go through the feed-forward network. */
  readonly unseeing: 'pass' | 'feed-forward';
  /** Rate of dropout on what each branch adds. */
  readonly hiddenDropout: number;
}

/** What a {@link GatedMediaLayer} attends to. */
export interface SeenMedia extends MediaKeys {
  /** (B, N, M), or (B, 1, M) where all tokens see the same: 1 = seen. */
  readonly sees: tf.Tensor3D;
}

/**
 * The layer of Flamingo between those of a language model (Alayrac et al. 2022, figure 4; HF `IdeficsGatedCrossAttentionLayer`):
 *
 *     x ← x + tanh(α₁) · attention(norm(x), media)    x ← x + tanh(α₂) · feedForward(norm(x))
 *
 * Both gates are closed at first, α = 0, so that the language model begins as it is.
 */
export class GatedMediaLayer extends Module {
  readonly norm1: RmsNorm;
  readonly attention: MediaAttention;
  /** α₁: a scalar, or (D). */
  readonly attentionGate: Parameter;
  readonly norm2: RmsNorm;
  readonly feedForward: GatedFeedForward;
  /** α₂ */
  readonly feedForwardGate: Parameter;
  readonly #unseeing: GatedMediaLayerConfig['unseeing'];
  readonly #dropout: number;

  constructor(config: GatedMediaLayerConfig) {
    super();
    const { hiddenSize, rmsNormEps } = config;
    const shape = config.gate === 'vector' ? [hiddenSize] : [];
    this.norm1 = new RmsNorm(hiddenSize, rmsNormEps);
    this.attention = new MediaAttention(config);
    this.attentionGate = new Parameter(shape, zeros);
    this.norm2 = new RmsNorm(hiddenSize, rmsNormEps);
    this.feedForward = new GatedFeedForward(config);
    this.feedForwardGate = new Parameter(shape, zeros);
    this.#unseeing = config.unseeing;
    this.#dropout = config.hiddenDropout;
  }

  /**
   * @param tokens (B, N, D)
   * @param media  undefined where no row has any
   * @returns      (B, N, D)
   */
  forward(tokens: tf.Tensor3D, media: SeenMedia | undefined, context: Context): tf.Tensor3D {
    if (!media && this.#unseeing === 'pass') return tokens;
    return recomputed(tokens, context, (own, again) => this.#forward(own, media, again), { ...media });
  }

  #forward(tokens: tf.Tensor3D, media: SeenMedia | undefined, context: Context): tf.Tensor3D {
    const x = media ? tf.add<tf.Tensor3D>(tokens, this.#attended(tokens, media, context)) : tokens;
    const fed = this.feedForward.forward(this.norm2.forward(x), context);
    const added = tf.mul<tf.Tensor3D>(
      dropout(fed, this.#dropout, context, this.feedForward),
      tf.tanh(this.feedForwardGate.value),
    );
    if (!media || this.#unseeing === 'feed-forward') return tf.add(x, added);
    return tf.add(x, tf.mul(added, tf.max(media.sees, 2, true)));
  }

  /** How much each token attends to each that it sees, by head: (B, H, N, M). */
  weights(tokens: tf.Tensor3D, media: SeenMedia): tf.Tensor4D {
    return this.attention.weights(this.norm1.forward(tokens), media, media.sees);
  }

  /** How far the gate of the attention is open, of a vector the mean: a scalar. */
  get opening(): tf.Scalar {
    return tf.mean(tf.abs(tf.tanh(this.attentionGate.value)));
  }

  #attended(tokens: tf.Tensor3D, media: SeenMedia, context: Context): tf.Tensor3D {
    const attended = this.attention.forward(this.norm1.forward(tokens), media, media.sees, context);
    return tf.mul(dropout(attended, this.#dropout, context, this), tf.tanh(this.attentionGate.value));
  }
}
