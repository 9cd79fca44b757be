import type { CausalPart, Context, Fused, TargetBatch } from '@polymodal/core';
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

/**
 * Of the rows themselves: the ids of a target that was derived from them, each guessed from the token before it.
 *
 * @param learns all tokens but the first of each sample, or of these those of answers
 */
export function guessesWithin(
  { tokens, causal }: Fused,
  { features }: TargetBatch,
  logits: Logits,
  learns: 'sequence' | 'answers',
): Guesses {
  const [ids, mask] = [features.ids as tf.Tensor2D, features.mask as tf.Tensor2D]; // (P, M)
  const [batch, length, width] = tokens.shape;
  const guessed = guessedTokens(causal!, learns); // (P, N)
  const before = placesBefore(guessed, ids.shape[1]);
  const flat = tf.reshape<tf.Rank.R2>(tokens, [batch * length, width]);
  const from = tf.reshape<tf.Rank.R3>(tf.gather(flat, before), [batch, ids.shape[1], width]);
  return { logits: logits(from), ids, mask };
}

/** (P, N), 1 = is guessed: what has a token of its sample before it. */
function guessedTokens({ ids, answers, segment }: CausalPart, learns: 'sequence' | 'answers'): tf.Tensor2D {
  const isText = tf.cast(tf.greaterEqual(ids, 0), 'float32') as tf.Tensor2D;
  const before = segment ? countBefore(isText, segment) : tf.cumsum(isText, 1, true);
  const hasBefore = tf.mul<tf.Tensor2D>(isText, tf.cast(tf.greater(before, 0), 'float32'));
  if (learns === 'sequence') return hasBefore;
  return answers ? tf.mul(hasBefore, answers) : tf.zerosLike(hasBefore);
}

/** Of each token, how many of its own segment stand before it, (P, N). */
function countBefore(isText: tf.Tensor2D, segment: tf.Tensor2D): tf.Tensor2D {
  const places = tf.range(0, isText.shape[1]);
  const isBefore = tf.greater(tf.expandDims(places, 1), tf.expandDims(places, 0)); // (N, N)
  const isOwn = tf.equal(tf.expandDims(segment, 2), tf.expandDims(segment, 1)); // (P, N, N)
  const counted = tf.cast(tf.logicalAnd(isOwn, tf.expandDims(isBefore, 0)), 'float32');
  return tf.sum(tf.mul(counted, tf.expandDims(isText, 1)), 2);
}

/**
 * Of the first M tokens that are guessed in each row, which stands before: int32 (P · M), counted through all rows; any token where there are
 * fewer.
 */
function placesBefore(guessed: tf.Tensor2D, most: number): tf.Tensor1D {
  const [batch, length] = guessed.shape;
  const rows = tf.expandDims(tf.range(0, batch), 1); // (P, 1)
  const rank = tf.add(tf.cumsum(guessed, 1, true), tf.mul(rows, most)); // (P, N), where a token is put
  const nowhere = batch * most;
  const target = tf.add(tf.mul(rank, guessed), tf.mul(tf.sub(1, guessed), nowhere));
  const indices = tf.cast(tf.reshape(target, [batch * length, 1]), 'int32');
  const before = tf.cast(tf.maximum(tf.sub(tf.range(0, batch * length), 1), 0), 'int32');
  return tf.slice(tf.scatterND(indices, before, [nowhere + 1]), [0], [nowhere]) as tf.Tensor1D;
}

/** (P, M) → (P, M − 1) */
function withoutLast(feature: tf.Tensor2D): tf.Tensor2D {
  return tf.slice(feature, [0, 0], [-1, feature.shape[1] - 1]);
}
