import * as tf from '@tensorflow/tfjs-core';
import type { KernelAxes, KernelAxis } from './kernel-axis';

/** Whether a convolution cuts its input into patches, each of which gives one output: kernels that neither overlap nor skip. */
export function cutsPatches(x: tf.Tensor4D, [down, across]: KernelAxes, groups: number): boolean {
  return groups === 1 && tiles(down, x.shape[1]) && tiles(across, x.shape[2]);
}

/**
 * A convolution that cuts its input into patches, as one matrix product. (On the cpu backend of tfjs, a patch embedding of
 * 64 × 64 pictures and its gradient take a twentieth of the time of its convolution kernels.)
 *
 * @param x      (B, H' · Kh, W' · Kw, Cin)
 * @param weight [Cout, Cin, Kh, Kw]
 * @returns      (B, H', W', Cout)
 */
export function convolvePatches(x: tf.Tensor4D, weight: tf.Tensor4D): tf.Tensor4D {
  const [batch, height, width, inputs] = x.shape;
  const [outputs, , down, across] = weight.shape;
  const [rows, columns, patchSize] = [height / down, width / across, inputs * down * across];
  const cut = tf.reshape(x, [batch, rows, down, columns, across, inputs]);
  const patches = tf.transpose(cut, [0, 1, 3, 5, 2, 4]); // (B, H', W', Cin, Kh, Kw)
  const product = tf.matMul(
    tf.reshape<tf.Rank.R2>(patches, [batch * rows * columns, patchSize]),
    tf.reshape<tf.Rank.R2>(weight, [outputs, patchSize]),
    false,
    true,
  );
  return tf.reshape(product, [batch, rows, columns, outputs]);
}

function tiles({ kernelSize, stride, padding, dilation }: KernelAxis, length: number): boolean {
  return stride === kernelSize && padding === 0 && dilation === 1 && length % kernelSize === 0;
}
