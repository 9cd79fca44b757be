import { type EncodedTokens, Encoder, FileFormatError, type Module, type Tokens } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { poolTokens } from '../pool-tokens';
import { modulesName, type SentenceModules, sentenceModules } from './sentence-modules';

/** An encoder of texts whose vector of a whole is the model's own, or what sentence-transformers makes of the tokens. */
export abstract class SentenceEncoder extends Encoder {
  #modules: Pick<SentenceModules, 'pooling' | 'steps'> | undefined;

  /** What follows the layers: a final norm, where there is one. */
  protected finishTokens(tokens: Tokens): Tokens {
    return tokens;
  }

  /**
   * The vector of each text as the model itself makes it.
   *
   * @param finished what {@link finishTokens} made of the tokens
   * @param tokens   of the last layer
   * @returns        (P, E)
   */
  protected abstract ownVectors(finished: Tokens, tokens: Tokens): tf.Tensor2D;

  /** Width of {@link ownVectors}. */
  protected get ownSize(): number {
    return this.hiddenSize;
  }

  /** What has parameters for {@link ownVectors} alone; undefined where nothing has. */
  protected get ownPooler(): Module | undefined {
    return undefined;
  }

  override get pooledSize(): number {
    return this.#modules ? widthAfter(this.#modules, this.hiddenSize) : this.ownSize;
  }

  finish(tokens: Tokens): EncodedTokens {
    const finished = this.finishTokens(tokens);
    return { ...finished, pooled: this.#modules ? this.#vectors(finished) : this.ownVectors(finished, tokens) };
  }

  /**
   * Takes the pooling that `modules.json` beside the weights asks for, if there is one. A pooler of the model's own then takes no
   * part: it is frozen, and kept for Python. So are dense layers, which do not learn here.
   *
   * @throws FileFormatError where it asks for modules or poolings that are not known, or for a dense layer of another width
   */
  poolAsAskedIn(files: ReadonlyMap<string, Uint8Array> | undefined): this {
    this.#modules = files && sentenceModules(files);
    if (!this.#modules) return this;
    for (const parameter of this.ownPooler?.parameters().values() ?? []) parameter.trainable = false;
    widthAfter(this.#modules, this.hiddenSize);
    return this;
  }

  #vectors({ tokens, mask }: Tokens): tf.Tensor2D {
    const { pooling, steps } = this.#modules!;
    const vectors = pooling.map((each) => poolTokens(tokens, mask, each));
    const joined = vectors.length === 1 ? vectors[0] : tf.concat(vectors, 1);
    return steps.reduce((x, step) => (step === 'normalize' ? unitLength(x) : step.forward(x)), joined);
  }
}

/** How wide a vector is after all modules. @throws FileFormatError for a dense layer that takes vectors of another width */
function widthAfter({ pooling, steps }: Pick<SentenceModules, 'pooling' | 'steps'>, hiddenSize: number): number {
  return steps.reduce((width, step) => {
    if (step === 'normalize') return width;
    if (step.inFeatures === width) return step.outFeatures;
    throw new FileFormatError({
      where: modulesName,
      expected: `a dense layer for vectors of ${width} numbers`,
      received: `one with in_features ${step.inFeatures}`,
    });
  }, pooling.length * hiddenSize);
}

/** x / |x|; a vector of zeros stays one, and its gradient is finite (PyTorch's `normalize`). */
function unitLength(x: tf.Tensor2D): tf.Tensor2D {
  return tf.mul(x, tf.rsqrt(tf.maximum(tf.sum(tf.square(x), 1, true), 1e-24)));
}
