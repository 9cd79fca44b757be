import { type Initializer, Module, Parameter, ShapeError } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { checkSize } from './check-size';
import { truncatedNormal } from './initializers';
import { type AdaptableMap, adapted } from './map-adapter';

/** Options of {@link Embedding}. */
export interface EmbeddingOptions {
  /** Initial values of the weight; truncated normal with std 0.02 by default. */
  readonly initializer?: Initializer;
}

/**
 * A table of vectors that ids look up, as PyTorch's `nn.Embedding`.
 *
 * ```ts
 * const embedding = new Embedding(100, 16);
 * initialize(embedding, RandomKey.from(0));
 * embedding.forward(tf.tensor2d([[5, 7, 7]], [1, 3], 'int32')); // (1, 3, 16)
 * ```
 */
export class Embedding extends Module implements AdaptableMap {
  /** [numEmbeddings, embeddingDim] */
  readonly weight: Parameter<tf.Rank.R2>;
  /** What adapts the table, where something does. */
  adapter: AdaptableMap['adapter'];

  constructor(
    readonly numEmbeddings: number,
    readonly embeddingDim: number,
    { initializer = truncatedNormal() }: EmbeddingOptions = {},
  ) {
    super();
    checkSize('Embedding numEmbeddings', numEmbeddings);
    checkSize('Embedding embeddingDim', embeddingDim);
    this.weight = new Parameter([numEmbeddings, embeddingDim], initializer);
  }

  /**
   * @param ids int32 (…), each in [0, numEmbeddings): what an id outside gives depends on the backend
   * @returns (…, embeddingDim)
   * @throws ShapeError if the ids are not int32
   */
  forward<T extends tf.Tensor = tf.Tensor>(ids: tf.Tensor): T {
    if (ids.dtype !== 'int32') {
      throw new ShapeError({
        where: 'Embedding ids',
        expected: 'an int32 tensor',
        received: ids.dtype,
        hint: 'Make the feature an Int32Array, or cast it with tf.cast(ids, "int32").',
      });
    }
    return adapted(this, ids, (own) => this.mapBy(own, this.weight.value)) as T;
  }

  mapBy(ids: tf.Tensor, weight: tf.Tensor): tf.Tensor {
    const rows = tf.gather(weight as tf.Tensor2D, tf.reshape(ids, [-1])); // (ids.size, width)
    return tf.reshape(rows, [...ids.shape, rows.shape[1]]);
  }
}
