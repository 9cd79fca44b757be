import { causalBias, EXCLUDED_LOGIT, type KeyValueCache, type Past, positionsFromMask } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { CacheSizes } from './cache/decodable';

/**
 * The past of sequences that begin and whose keys and values are kept, so that others can go on behind them.
 *
 * @param mask (B, N), 1 = takes part; a row may have gaps, over which positions and windows do not count
 * @param most tokens of a sequence: what is longer is padding
 * @param segment int32 (B, N), of rows that are packed: tokens see those of their own segment, whose positions begin with 0
 */
export function beginning(mask: tf.Tensor2D, { windows }: CacheSizes, most: number, segment?: tf.Tensor2D): Past {
  const length = mask.shape[1];
  const apart = segment && segmentsApart(segment);
  const ofRow = tf.add(causalBias(length), keyBias(mask));
  const excluded = apart ? tf.add(ofRow, tf.mul(tf.expandDims(apart, 1), EXCLUDED_LOGIT)) : ofRow;
  const positions = apart ? positionsWithin(mask, apart) : positionsFromMask(mask);
  const biasOf = (window: number) => {
    if (!Number.isFinite(window)) return seen(excluded);
    const back = tf.sub(tf.expandDims(positions, 2), tf.expandDims(positions, 1)); // (B, N, N)
    return seen(tf.add(excluded, tf.expandDims(farBias(back, window), 1)));
  };
  return { caches: [], positions, biases: biasesOf(windows, biasOf), length: Math.min(length, most) };
}

/**
 * The past of tokens that go on behind such sequences: each sees all before it in its row, and positions count on.
 *
 * @param before the keys and values of the sequences
 * @param mask   (B, N) of the sequences
 * @param added  (B, M) of the new tokens, those that take part first
 * @param most   tokens of a sequence: what is longer is padding
 */
export function following(
  before: readonly KeyValueCache[],
  mask: tf.Tensor2D,
  added: tf.Tensor2D,
  { windows, lengthWithSamePositions }: CacheSizes,
  most: number,
): Past {
  const [batch, length] = mask.shape;
  const more = added.shape[1];
  // In padding that of the last token before, so that none lies beyond the last position.
  const positions = tf.cast(
    tf.relu(tf.sub(tf.add(tf.cumsum(added, 1), tf.sum(mask, 1, true)), 1)),
    'int32',
  ) as tf.Tensor2D;
  const back = tf.sub(tf.expandDims(positions, 2), tf.expandDims(positionsFromMask(mask), 1)); // (B, M, N)
  const biasOf = (window: number) => {
    const far = tf.reshape(farBias(back, window), [batch, 1, more, length]);
    const ofBefore = seen(tf.add(far, keyBias(mask)));
    const ofOwn = seen(tf.add(causalBias(more, window), keyBias(added)));
    return tf.concat([ofBefore, ofOwn], 3) as tf.Tensor4D;
  };
  return {
    caches: before,
    positions,
    biases: biasesOf(windows, biasOf),
    length: lengthWithSamePositions(Math.min(length + more, most)),
  };
}

/** (B, N) → (B, N, N), 1 where a token is of another segment. */
function segmentsApart(segment: tf.Tensor2D): tf.Tensor3D {
  return tf.cast(tf.notEqual<tf.Tensor3D>(tf.expandDims(segment, 2), tf.expandDims(segment, 1)), 'float32');
}

/** int32 (B, N): how many tokens of its segment stand before each. */
function positionsWithin(mask: tf.Tensor2D, apart: tf.Tensor3D): tf.Tensor2D {
  const places = tf.range(0, mask.shape[1]);
  const isBefore = tf.cast(tf.greater(tf.expandDims(places, 1), tf.expandDims(places, 0)), 'float32'); // (N, N)
  const counted = tf.mul(tf.mul(tf.sub(1, apart), isBefore), tf.expandDims(mask, 1));
  return tf.cast(tf.sum<tf.Tensor2D>(counted, 2), 'int32');
}

function biasesOf(windows: readonly number[], biasOf: (window: number) => tf.Tensor4D): Past['biases'] {
  return new Map([...new Set(windows)].map((window) => [window, biasOf(window)]));
}

/** {@link EXCLUDED_LOGIT} where a token is further back than a window reaches. @param back how far it is */
function farBias<T extends tf.Tensor>(back: T, window: number): T {
  if (!Number.isFinite(window)) return tf.zerosLike(back);
  return tf.mul(tf.cast(tf.greaterEqual(back, window), 'float32'), EXCLUDED_LOGIT);
}

/** (B, N) → (B, 1, 1, N) */
function keyBias(mask: tf.Tensor2D): tf.Tensor4D {
  return tf.reshape(tf.mul(tf.sub(1, mask), EXCLUDED_LOGIT), [mask.shape[0], 1, 1, mask.shape[1]]);
}

/** Excluded once is enough. */
function seen(bias: tf.Tensor): tf.Tensor4D {
  return tf.maximum(bias, EXCLUDED_LOGIT) as tf.Tensor4D;
}
