import { Module, Parameter } from '@polymodal/core';
import { uniform } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';

/** A vector for each of several numbers: x_i · w_i + b_i (Gorishniy et al. 2021, section 3.3; `LinearEmbeddings` of `rtdl`). */
export class LinearEmbeddings extends Module {
  /** [F, d] */
  readonly weight: Parameter<tf.Rank.R2>;
  /** [F, d] */
  readonly bias: Parameter<tf.Rank.R2>;

  /** @param count F, how many numbers a row has */
  constructor(count: number, size: number) {
    super();
    const initializer = uniform(size ** -0.5);
    this.weight = new Parameter([count, size], initializer);
    this.bias = new Parameter([count, size], initializer);
  }

  /**
   * @param x (P, F)
   * @returns (P, F, d)
   */
  forward(x: tf.Tensor2D): tf.Tensor3D {
    return tf.add(tf.mul(tf.expandDims(x, 2), this.weight.value), this.bias.value);
  }
}
