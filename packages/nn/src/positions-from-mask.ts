import * as tf from '@tensorflow/tfjs-core';

/**
 * The place of each token among those of its row that take part, from 0: padding, before a text too, counts nothing (as HF
 * `generate` numbers them).
 *
 * @param mask (P, N), 1 = takes part
 * @returns    int32 (P, N)
 */
export function positionsFromMask(mask: tf.Tensor2D): tf.Tensor2D {
  return tf.cast(tf.maximum<tf.Tensor2D>(tf.sub(tf.cumsum(mask, 1), 1), 0), 'int32');
}
