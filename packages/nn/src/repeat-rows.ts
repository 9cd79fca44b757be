import * as tf from '@tensorflow/tfjs-core';

/**
 * The same token for every row. It is broadcast, so that its gradient is one sum; the gradient of TensorFlow.js's `tile`
 * is a slice and an addition for each row.
 *
 * @param token (1, N, D)
 * @returns     (rows, N, D)
 */
export function repeatRows(token: tf.Tensor3D, rows: number): tf.Tensor3D {
  return tf.add(token, tf.zeros([rows, 1, 1]));
}
