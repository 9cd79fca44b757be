import * as tf from '@tensorflow/tfjs-core';

/** The first token of each row: (P, N, D) → (P, D). */
export function firstToken(tokens: tf.Tensor3D): tf.Tensor2D {
  const [size, , hiddenSize] = tokens.shape;
  return tf.reshape(tf.slice(tokens, [0, 0, 0], [size, 1, hiddenSize]), [size, hiddenSize]);
}
