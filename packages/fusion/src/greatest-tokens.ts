import * as tf from '@tensorflow/tfjs-core';

/**
 * The greatest value of each feature among the tokens that take part. A row without any gives 0.
 *
 * @param tokens (B, N, D), finite everywhere
 * @param mask   (B, N), 1 = takes part
 * @returns      (B, D)
 */
export function greatestTokens(tokens: tf.Tensor3D, mask: tf.Tensor2D): tf.Tensor2D {
  const takesPart = tf.cast(tf.expandDims(mask, 2), 'bool');
  const own = tf.max<tf.Tensor2D>(tf.where<tf.Tensor>(takesPart, tokens, tf.scalar(lowest)), 1);
  return tf.mul(own, tf.max(mask, 1, true));
}

/** Finite, so that a row without tokens is 0 and not NaN. */
const lowest = -3e38;
