import { Module, Parameter } from '@polymodal/core';
import { Embedding, uniform } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';

/**
 * A vector for each of several categories, e_i[x_i] + b_i (Gorishniy et al. 2021, section 3.3; `CategoricalEmbeddings` of `rtdl`). Those
 * of all fields stand in one table, one after the other.
 */
export class CategoryEmbeddings extends Module {
  readonly table: Embedding;
  /** [F, d] */
  readonly bias: Parameter<tf.Rank.R2>;
  readonly #offsets: readonly number[];

  /** @param sizes of the fields: how many categories each has */
  constructor(sizes: readonly number[], size: number) {
    super();
    const initializer = uniform(size ** -0.5);
    const all = sizes.reduce((sum, own) => sum + own, 0);
    this.table = new Embedding(all, size, { initializer });
    this.bias = new Parameter([sizes.length, size], initializer);
    this.#offsets = sizes.map((_, index) => sizes.slice(0, index).reduce((sum, own) => sum + own, 0));
  }

  /**
   * @param ids int32 (P, F), each below the size of its field
   * @returns   (P, F, d)
   */
  forward(ids: tf.Tensor2D): tf.Tensor3D {
    const places = tf.add(ids, tf.tensor1d([...this.#offsets], 'int32'));
    return tf.add(this.table.forward<tf.Tensor3D>(places), this.bias.value);
  }
}
