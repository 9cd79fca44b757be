import type { AttendedTokens } from '@polymodal/head-text';
import * as tf from '@tensorflow/tfjs-core';

/** Some rows, as tensors that are the caller's. */
export function selectAttended({ tokens, mask }: AttendedTokens, rows: readonly number[]): AttendedTokens {
  return tf.tidy(() => {
    const indices = tf.tensor1d([...rows], 'int32');
    return { tokens: tf.gather(tokens, indices), mask: tf.gather(mask, indices) };
  });
}
