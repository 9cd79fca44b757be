import { maskedMean } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs';

/** The mean of the tokens that take part, the first token, or the last one that takes part. */
export type Pooling = 'mean' | 'cls' | 'last';

/**
 * One vector for each row.
 *
 * @param tokens (P, N, D)
 * @param mask   (P, N), 1 = takes part
 * @returns      (P, D)
 */
export function poolTokens(tokens: tf.Tensor3D, mask: tf.Tensor2D, pooling: Pooling): tf.Tensor2D {
  if (pooling === 'mean') return maskedMean(tokens, mask);
  return maskedMean(tokens, pooling === 'cls' ? firstOf(mask) : lastOf(mask));
}

/** 1 at the first token of each row, if that takes part. */
function firstOf(mask: tf.Tensor2D): tf.Tensor2D {
  const [rows, length] = mask.shape;
  return tf.pad(tf.slice(mask, [0, 0], [rows, 1]), [
    [0, 0],
    [0, length - 1],
  ]) as tf.Tensor2D;
}

/** 1 at the last token of each row that takes part. */
function lastOf(mask: tf.Tensor2D): tf.Tensor2D {
  const [rows, length] = mask.shape;
  const numbered = tf.mul<tf.Tensor2D>(mask, tf.range(1, length + 1)); // k at the k-th token, 0 in padding
  const last = tf.reshape(tf.max(numbered, 1), [rows, 1]);
  return tf.mul(mask, tf.cast(tf.equal(numbered, last), 'float32'));
}
