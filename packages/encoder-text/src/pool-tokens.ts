import { maskedMean } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs';

/** Of the tokens that take part, the mean, the first, or the last. */
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

/** 1 at the first token of each row that takes part. */
function firstOf(mask: tf.Tensor2D): tf.Tensor2D {
  return largestOf(tf.mul(mask, tf.range(mask.shape[1], 0, -1)), mask);
}

/** 1 at the last token of each row that takes part. */
function lastOf(mask: tf.Tensor2D): tf.Tensor2D {
  return largestOf(tf.mul(mask, tf.range(1, mask.shape[1] + 1)), mask);
}

/** 1 where a row has its largest number, if that token takes part. */
function largestOf(numbered: tf.Tensor2D, mask: tf.Tensor2D): tf.Tensor2D {
  const largest = tf.max(numbered, 1, true);
  return tf.mul(mask, tf.cast(tf.equal(numbered, largest), 'float32'));
}
