import * as tf from '@tensorflow/tfjs-core';

/**
 * The rows of `sinusoidalPositions` at given places, computed from them as tensors, so that a compiled function is the same for all
 * lengths.
 *
 * @param positions (P, N), from 0
 * @param size D, an even number
 * @returns (P, N, D)
 */
export function sinusoidsAt(positions: tf.Tensor2D, size: number): tf.Tensor3D {
  const [rows, length] = positions.shape;
  const frequencies = Float32Array.from({ length: size / 2 }, (_, pair) => 10000 ** ((-2 * pair) / size));
  const angles = tf.mul(tf.expandDims(tf.cast(positions, 'float32'), 2), tf.tensor1d(frequencies)); // (P, N, D / 2)
  return tf.reshape(tf.stack([tf.sin(angles), tf.cos(angles)], 3), [rows, length, size]);
}
