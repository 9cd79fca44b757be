import type { Fused } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';

/**
 * The pooled representation as the one token of each row, of a fusion that has no others.
 *
 * @param pooled (B, D)
 */
export function singleToken(pooled: tf.Tensor2D): Pick<Fused, 'tokens' | 'mask' | 'pooled'> {
  return { tokens: tf.expandDims(pooled, 1), mask: tf.ones([pooled.shape[0], 1]), pooled };
}
