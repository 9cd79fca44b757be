import type { EncodedTokens, ModalityBatch } from '@polymodal/core';
import { placeRows, zeroPadding } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { PerceiverResampler } from './perceiver-resampler';

/** What other tokens see of a slot: the tokens of its V values of each row of a batch, n of each, side by side. */
export interface MediaPart {
  /** (B, V · n, D), zeros where none takes part. */
  readonly tokens: tf.Tensor3D;
  /** (B, V · n), 0 where a row lacks the value. */
  readonly mask: tf.Tensor2D;
  /** (B, V), 1 = the row has the value. */
  readonly present: tf.Tensor2D;
}

/**
 * The tokens that an encoder made of a slot's values, or latents of each value, in all rows of a batch.
 *
 * @param size B
 */
export function mediaPart(
  encoded: EncodedTokens,
  { features, rows }: ModalityBatch,
  resampler: PerceiverResampler | undefined,
  size: number,
): MediaPart {
  const { mask } = encoded; // (P, V · n)
  const tokens = zeroPadding(encoded.tokens, mask);
  const values = features.valueMask?.shape[1] ?? 1;
  const present = tf.max<tf.Tensor2D>(tf.reshape(mask, [rows.length, values, mask.shape[1] / values]), 2); // (P, V)
  const part = resampler ? latentsOf(tokens, mask, present, resampler) : { tokens, mask };
  return {
    tokens: placeRows(part.tokens, rows, size),
    mask: placeRows(part.mask, rows, size),
    present: placeRows(present, rows, size),
  };
}

/**
 * Which tokens of a part are seen.
 *
 * @param sees (B, N, V), 1 = seen
 * @returns    (B, N, V · n)
 */
export function seenTokens(sees: tf.Tensor3D, { mask }: MediaPart): tf.Tensor3D {
  const [rows, length, values] = sees.shape;
  const count = mask.shape[1];
  const each = tf.add(tf.expandDims(sees, 3), tf.zeros([1, 1, 1, count / values]));
  return tf.mul(tf.reshape(each, [rows, length, count]), tf.expandDims(mask, 1));
}

/** Each value is resampled by itself; what there is not has none. */
function latentsOf(tokens: tf.Tensor3D, mask: tf.Tensor2D, present: tf.Tensor2D, resampler: PerceiverResampler) {
  const [rows, length, width] = tokens.shape;
  const values = present.shape[1];
  const each = length / values;
  const latents = resampler.forward(
    tf.reshape(tokens, [rows * values, each, width]),
    tf.reshape(mask, [rows * values, each]),
  );
  const count = latents.shape[1];
  const ofValue = tf.add(tf.expandDims(present, 2), tf.zeros([1, 1, count]));
  const latentMask = tf.reshape<tf.Rank.R2>(ofValue, [rows, values * count]);
  return {
    tokens: zeroPadding(tf.reshape<tf.Rank.R3>(latents, [rows, values * count, width]), latentMask),
    mask: latentMask,
  };
}
