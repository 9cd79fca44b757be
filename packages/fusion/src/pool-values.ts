import type { Sequence } from '@polymodal/core';
import { maskedMean, zeroPadding } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { greatestTokens } from './greatest-tokens';

/** How {@link poolValues} makes one token of all. */
export const valuePoolings = ['mean', 'max', 'mean-max'] as const;

/**
 * One token of each value: over those of its tokens that take part, the mean, the greatest of each number, or both side by side. Where something
 * stands in a value makes no difference to it, but for what an encoder has noted of that in the tokens. A value of which nothing takes part is zeros.
 *
 * @param values of each row, side by side: (P, V · n, D)
 * @returns (P, V, D), of both (P, V, 2 D)
 */
export function poolValues(
  { tokens, mask, rows }: Sequence,
  values: number,
  pooling: (typeof valuePoolings)[number],
): Sequence {
  const [size, all, width] = tokens.shape;
  const each = tf.reshape<tf.Rank.R3>(zeroPadding(tokens, mask), [size * values, all / values, width]);
  const eachMask = tf.reshape<tf.Rank.R2>(mask, [size * values, all / values]);
  const isThere = tf.max<tf.Tensor2D>(eachMask, 1, true); // (P · V, 1)
  const pooled: tf.Tensor[] = [];
  if (pooling !== 'max') pooled.push(maskedMean(each, eachMask));
  if (pooling !== 'mean') pooled.push(greatestTokens(each, eachMask));
  const vectors = tf.concat(pooled, 1); // (P · V, D) or (P · V, 2 D)
  return {
    tokens: tf.reshape<tf.Rank.R3>(vectors, [size, values, vectors.shape[1]!]),
    mask: tf.reshape<tf.Rank.R2>(isThere, [size, values]),
    rows,
  };
}
