import * as tf from '@tensorflow/tfjs-core';

/**
 * Some tokens of each row.
 *
 * @param tokens (P, N, D)
 * @param places int32 (P, K), below N
 * @returns      (P, K, D)
 */
export function takeTokens(tokens: tf.Tensor3D, places: tf.Tensor2D): tf.Tensor3D {
  const [rows, length, width] = tokens.shape;
  const before = tf.mul(tf.range(0, rows, 1, 'int32'), tf.scalar(length, 'int32')); // tokens of the rows before
  const flat = tf.add<tf.Tensor2D>(tf.cast(places, 'int32'), tf.expandDims(before, 1));
  const taken = tf.gather(tf.reshape<tf.Rank.R2>(tokens, [rows * length, width]), tf.reshape(flat, [-1]));
  return tf.reshape(taken, [rows, places.shape[1], width]);
}
