import { Module, Parameter } from '@polymodal/core';
import { normal, uniform } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';

/** Sizes of {@link PeriodicEmbeddings}. */
export interface PeriodicEmbeddingsConfig {
  /** F, how many numbers a row has. */
  readonly count: number;
  /** d, the width of the vectors. */
  readonly size: number;
  /** k, how many frequencies each number has. */
  readonly numFrequencies: number;
  /** Standard deviation of the frequencies at first. */
  readonly frequencyScale: number;
}

/**
 * A vector for each of several numbers: ReLU(Linear_i([cos 2πcx_i, sin 2πcx_i])) with learned frequencies c, each number with its own
 * (Gorishniy et al. 2022, section 3.3, "PLR"; `PeriodicEmbeddings` of `rtdl_num_embeddings`).
 */
export class PeriodicEmbeddings extends Module {
  /** [F, k] */
  readonly frequencies: Parameter<tf.Rank.R2>;
  /** [F, 2k, d] */
  readonly weight: Parameter<tf.Rank.R3>;
  /** [F, d] */
  readonly bias: Parameter<tf.Rank.R2>;

  constructor({ count, size, numFrequencies, frequencyScale }: PeriodicEmbeddingsConfig) {
    super();
    this.frequencies = new Parameter([count, numFrequencies], normal(frequencyScale));
    const initializer = uniform((2 * numFrequencies) ** -0.5);
    this.weight = new Parameter([count, 2 * numFrequencies, size], initializer);
    this.bias = new Parameter([count, size], initializer);
  }

  /**
   * @param x (P, F)
   * @returns (P, F, d)
   */
  forward(x: tf.Tensor2D): tf.Tensor3D {
    const angles = tf.mul(tf.expandDims(x, 2), tf.mul(this.frequencies.value, 2 * Math.PI)); // (P, F, k)
    const waves = tf.concat([tf.cos(angles), tf.sin(angles)], 2) as tf.Tensor3D; // (P, F, 2k)
    const mapped = tf.matMul(tf.transpose(waves, [1, 0, 2]), this.weight.value); // (F, P, d)
    return tf.relu(tf.add<tf.Tensor3D>(tf.transpose(mapped, [1, 0, 2]), this.bias.value));
  }
}
