import type { Context, Fused, TargetBatch } from '@polymodal/core';
import { followSequence } from '@polymodal/generation';
import * as tf from '@tensorflow/tfjs-core';
import { lastTokens } from './last-tokens';

/** Tokens, guessed each from all before it. */
export interface Guesses {
  /** (P, M, V) */
  readonly logits: tf.Tensor3D;
  /** int32 (P, M): those that came. */
  readonly ids: tf.Tensor2D;
  /** (P, M), 1 = counts. */
  readonly mask: tf.Tensor2D;
}

/** Tokens, finished, to the logits of what follows each: (P, N, D) → (P, N, V). */
type Logits = (tokens: tf.Tensor3D) => tf.Tensor3D;

/**
 * Of a target, which runs behind the rows.
 *
 * @param fused the rows that have it, masked to what is its prompt
 */
export function guessesBehind(fused: Fused, { features }: TargetBatch, logits: Logits, context: Context): Guesses {
  const [ids, mask] = [features.ids as tf.Tensor2D, features.mask as tf.Tensor2D];
  const first = tf.expandDims<tf.Tensor3D>(lastTokens(fused.tokens, fused.mask), 1); // (P, 1, D)
  // The last token of each row is not fed back: there may be no position for it.
  const given = { inputIds: withoutLast(ids), mask: tf.slice<tf.Rank.R2, tf.Tensor2D>(mask, [0, 1]) };
  const rest = ids.shape[1] > 1 ? followSequence(fused, given, context) : undefined; // (P, M − 1, D)
  return { logits: logits(rest ? tf.concat([first, rest], 1) : first), ids, mask };
}

/** Of the rows themselves: their ids, but for the first of each. */
export function guessesWithin({ tokens, causal }: Fused, logits: Logits): Guesses {
  const [batch, length, width] = tokens.shape;
  const ids = causal!.ids; // (P, N)
  const isText = tf.cast(tf.greaterEqual(ids, 0), 'float32');
  const hasBefore = tf.cast(tf.greater(tf.cumsum(isText, 1, true), 0), 'float32');
  const next = <T extends tf.Tensor>(x: T) => tf.slice(x, [0, 1], [batch, length - 1]) as T;
  return {
    logits: logits(tf.slice(tokens, [0, 0, 0], [batch, length - 1, width])),
    ids: next(tf.cast(tf.maximum<tf.Tensor2D>(ids, 0), 'int32')),
    mask: next(tf.mul<tf.Tensor2D>(isText, hasBefore)),
  };
}

/** (P, M) → (P, M − 1) */
function withoutLast(feature: tf.Tensor2D): tf.Tensor2D {
  return tf.slice(feature, [0, 0], [-1, feature.shape[1] - 1]);
}
