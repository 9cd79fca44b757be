import * as tf from '@tensorflow/tfjs-core';
import { checkShape } from './check-shape';

/**
 * The mean of the tokens that take part. A row without any gives exactly 0.
 *
 * ```ts
 * maskedMean(tf.tensor3d([[[2], [4], [9]]]), tf.tensor2d([[1, 1, 0]])).print(); // [[3]]
 * ```
 *
 * @param tokens (B, N, D), finite everywhere
 * @param mask   (B, N), 1 = takes part
 * @returns      (B, D)
 */
export function maskedMean(tokens: tf.Tensor3D, mask: tf.Tensor2D): tf.Tensor2D {
  const [batch, length, size] = tokens.shape;
  checkShape('maskedMean mask', mask, [batch, length]);
  const weights = tf.div(mask, tf.maximum(tf.sum(mask, 1, true), 1)); // (B, N)
  const mean = tf.matMul(tf.reshape<tf.Rank.R3>(weights, [batch, 1, length]), tokens); // (B, 1, D)
  return tf.reshape(mean, [batch, size]);
}
