import { Module, Parameter } from '@polymodal/core';
import { truncatedNormal, zeros } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Cuts pictures into patches and projects each (Dosovitskiy et al. 2020, eq. 1). It is a convolution whose stride is
 * its kernel size, computed as one matrix product.
 */
export class PatchEmbedding extends Module {
  /** (D, C, p, p), the layout of a PyTorch convolution. */
  readonly weight: Parameter;
  /** (D) */
  readonly bias: Parameter<tf.Rank.R1>;

  constructor(
    channels: number,
    readonly patchSize: number,
    hiddenSize: number,
  ) {
    super();
    this.weight = new Parameter([hiddenSize, channels, patchSize, patchSize], truncatedNormal(0.02));
    this.bias = new Parameter([hiddenSize], zeros);
  }

  /**
   * @param pixelValues (P, H, W, C), H and W multiples of the patch size
   * @returns (P, H/p · W/p, D), patches row by row
   */
  forward(pixelValues: tf.Tensor4D): tf.Tensor3D {
    const [batch, height, width, channels] = pixelValues.shape;
    const p = this.patchSize;
    const [rows, columns] = [height / p, width / p];
    const strips = tf.reshape(pixelValues, [batch * rows, p, columns, p * channels]);
    const patches = tf.transpose(strips, [0, 2, 1, 3]); // (P · H/p, W/p, p, p · C)
    const flat = tf.reshape(patches, [batch * rows * columns, p * p * channels]);
    const hiddenSize = this.bias.shape[0];
    const kernel = tf.reshape(tf.transpose(this.weight.value, [0, 2, 3, 1]), [hiddenSize, p * p * channels]);
    const embedded = tf.add(tf.matMul(flat, kernel as tf.Tensor2D, false, true), this.bias.value);
    return tf.reshape(embedded, [batch, rows * columns, hiddenSize]);
  }
}
