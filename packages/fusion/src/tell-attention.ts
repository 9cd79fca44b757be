import type { Context } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';

/** Tokens that lie side by side with others. */
export interface Span {
  /** Whose they are; undefined for those of the fusion itself. */
  readonly slot: string | undefined;
  /** (B, n), 1 = takes part and came from the slot. */
  readonly mask: tf.Tensor2D;
}

/** The spans of slots that lie side by side, in their order. */
export function spansOf(masks: Readonly<Record<string, tf.Tensor2D>>): Span[] {
  return Object.entries(masks).map(([slot, mask]) => ({ slot, mask }));
}

/**
 * Tells how tokens attend to those of slots, of queries and keys that lie side by side.
 *
 * @param weights (B, H, Q, N)
 * @param queries whose the Q querying tokens are, in their order
 * @param keys    whose the N tokens are that are attended to
 */
export function tellAttention(
  tell: NonNullable<Context['tellAttention']>,
  place: string,
  weights: tf.Tensor4D,
  { queries, keys }: { readonly queries: readonly Span[]; readonly keys: readonly Span[] },
): void {
  const mean = tf.mean<tf.Tensor3D>(weights, 1); // (B, Q, N)
  const ofQueries = tf.split(mean, lengthsOf(queries), 1);
  for (const [row, query] of queries.entries()) {
    const ofKeys = tf.split(ofQueries[row], lengthsOf(keys), 2);
    for (const [column, { slot, mask }] of keys.entries()) {
      if (slot === undefined) continue;
      const own = tf.mul(tf.expandDims(query.mask, 2), tf.expandDims(mask, 1)); // (B, q, n)
      tell({ place, query: query.slot, slot, weights: tf.mul(ofKeys[column], own) });
    }
  }
}

function lengthsOf(spans: readonly Span[]): number[] {
  return spans.map(({ mask }) => mask.shape[1]);
}
