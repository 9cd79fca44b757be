import { type EncodedTokens, Encoder, type Module, type Tokens, withTokens } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { type Pooling, poolTokens } from '../pool-tokens';
import type { TextRow } from '../text-features';

/** A layer over the vectors of texts whose weights stay as they are. */
export interface VectorLayer {
  readonly inFeatures: number;
  readonly outFeatures: number;
  /** (P, inFeatures) → (P, outFeatures) */
  forward(x: tf.Tensor2D): tf.Tensor2D;
}

/** How sentence-transformers makes the vector of a text from its tokens. */
export interface SentencePooling {
  /** Vectors that are joined, in this order. */
  readonly pooling: readonly Pooling[];
  /** What becomes of the joined vector, one after the other; `'normalize'` scales it to unit length. */
  readonly steps: readonly (VectorLayer | 'normalize')[];
}

/** An encoder of texts whose vector of a whole is the model's own, or what sentence-transformers makes of the tokens. */
export abstract class SentenceEncoder<State = unknown> extends Encoder<State> {
  #pooling: SentencePooling | undefined;

  /** What follows the layers: a final norm, where there is one. */
  protected finishTokens(tokens: tf.Tensor3D): tf.Tensor3D {
    return tokens;
  }

  /**
   * The vector of each text as the model itself makes it.
   *
   * @param tokens that {@link finishTokens} has finished
   * @returns      (P, E)
   */
  protected abstract ownVectors(tokens: Tokens<State>): tf.Tensor2D;

  /** Width of {@link ownVectors}. */
  protected get ownSize(): number {
    return this.hiddenSize;
  }

  /** What has parameters for {@link ownVectors} alone; undefined where nothing has. */
  protected get ownPooler(): Module | undefined {
    return undefined;
  }

  /** Whether the vector of a text is made of its first token alone, where {@link ownVectors} are. */
  protected get poolsFirst(): boolean {
    return this.#pooling?.pooling.every((each) => each === 'cls') ?? true;
  }

  override get pooledSize(): number {
    if (!this.#pooling) return this.ownSize;
    const { pooling, steps } = this.#pooling;
    const layer = steps.findLast((step) => step !== 'normalize');
    return layer ? layer.outFeatures : pooling.length * this.hiddenSize;
  }

  override tokenCount({ inputIds }: TextRow): number {
    return inputIds.shape[0];
  }

  finish(tokens: Tokens<State>): EncodedTokens {
    const { mask, rows } = tokens;
    const finished = this.finishTokens(tokens.tokens);
    const pooled = this.#pooling
      ? pooledBy(this.#pooling, finished, mask)
      : this.ownVectors(withTokens(tokens, finished));
    return { tokens: finished, mask, rows, pooled };
  }

  /** Makes vectors so in place of {@link ownVectors}. A pooler of the model's own then takes no part: it is frozen, and kept for Python. */
  poolBy(pooling: SentencePooling): void {
    this.#pooling = pooling;
    for (const parameter of this.ownPooler?.parameters().values() ?? []) parameter.trainable = false;
  }
}

function pooledBy({ pooling, steps }: SentencePooling, tokens: tf.Tensor3D, mask: tf.Tensor2D): tf.Tensor2D {
  const vectors = pooling.map((each) => poolTokens(tokens, mask, each));
  const joined = vectors.length === 1 ? vectors[0] : tf.concat(vectors, 1);
  return steps.reduce((x, step) => (step === 'normalize' ? unitLength(x) : step.forward(x)), joined);
}

/** x / |x|; a vector of zeros stays one, and its gradient is finite (PyTorch's `normalize`). */
function unitLength(x: tf.Tensor2D): tf.Tensor2D {
  return tf.mul(x, tf.rsqrt(tf.maximum(tf.sum(tf.square(x), 1, true), 1e-24)));
}
