import type { EncodedTokens, Encoders } from '@polymodal/core';
import { placeRows } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';

/**
 * The encoders' own vectors for all rows of a batch, 0 in those that lack the modality.
 *
 * @param size B
 * @returns (B, E) of each slot, of its `pooledSize`
 */
export function placePooled(
  encoders: Encoders,
  encoded: Readonly<Record<string, EncodedTokens>>,
  size: number,
): Record<string, tf.Tensor2D> {
  return Object.fromEntries(
    Object.entries(encoders).map(([slot, { pooledSize }]) => {
      const own = encoded[slot];
      return [slot, own ? placeRows(own.pooled, own.rows, size) : tf.zeros<tf.Rank.R2>([size, pooledSize])];
    }),
  );
}
