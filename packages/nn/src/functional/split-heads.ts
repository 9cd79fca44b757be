import * as tf from '@tensorflow/tfjs-core';

/** (B, N, D) → (B, H, N, D/H) */
export function splitHeads(x: tf.Tensor3D, heads: number): tf.Tensor4D {
  const [batch, length, width] = x.shape;
  return tf.transpose(tf.reshape<tf.Rank.R4>(x, [batch, length, heads, width / heads]), [0, 2, 1, 3]);
}

/** (B, H, N, D/H) → (B, N, D) */
export function mergeHeads(x: tf.Tensor4D): tf.Tensor3D {
  const [batch, heads, length, width] = x.shape;
  return tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [batch, length, heads * width]);
}
