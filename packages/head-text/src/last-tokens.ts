import * as tf from '@tensorflow/tfjs-core';

/**
 * The last token of each row that takes part.
 *
 * @param tokens (B, N, D)
 * @param mask   (B, N), with a token in each row
 * @returns      (B, D)
 */
export function lastTokens(tokens: tf.Tensor3D, mask: tf.Tensor2D): tf.Tensor2D {
  const [batch, length, width] = tokens.shape;
  const places = tf.max(tf.mul(mask, tf.range(1, length + 1)), 1); // (B), counted from 1
  const before = tf.range(0, batch * length, length); // tokens of the rows before
  const flat = tf.cast(tf.sub(tf.add(places, before), 1), 'int32') as tf.Tensor1D;
  return tf.gather(tf.reshape<tf.Rank.R2>(tokens, [batch * length, width]), flat);
}
