import * as tf from '@tensorflow/tfjs-core';

/**
 * Tokens with 0 in place of those that take no part, so that what they hold counts in no comparison.
 *
 * @param tokens (P, N, D)
 * @param mask (P, N)
 */
export function keepValid(tokens: tf.Tensor3D, mask: tf.Tensor2D): tf.Tensor3D {
  const valid = tf.cast(tf.expandDims(mask, 2), 'bool'); // (P, N, 1)
  return tf.where(tf.broadcastTo(valid, tokens.shape), tokens, tf.zerosLike(tokens));
}
