import { causalBias, EXCLUDED_LOGIT, type KeyValueCache, type Past, positionsFromMask } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { CacheSizes } from './cache/decodable';

/**
 * The past of sequences that begin and whose keys and values are kept, so that others can go on behind them.
 *
 * @param mask (B, N), 1 = takes part; what does stands together in each row
 */
export function beginning(mask: tf.Tensor2D, { windows }: CacheSizes): Past {
  const length = mask.shape[1];
  const excluded = keyBias(mask);
  const biasOf = (window: number) => seen(tf.add(causalBias(length, window), excluded));
  return { caches: [], positions: positionsFromMask(mask), biases: biasesOf(windows, biasOf), length };
}

/**
 * The past of tokens that go on behind such sequences: each sees all before it in its row, and positions count on.
 *
 * @param before the keys and values of the sequences
 * @param mask   (B, N) of the sequences
 * @param added  (B, M) of the new tokens, those that take part first
 */
export function following(
  before: readonly KeyValueCache[],
  mask: tf.Tensor2D,
  added: tf.Tensor2D,
  { windows, lengthWithSamePositions }: CacheSizes,
): Past {
  const [batch, length] = mask.shape;
  const more = added.shape[1];
  const positions = tf.add<tf.Tensor2D>(positionsFromMask(added), tf.cast(tf.sum(mask, 1, true), 'int32'));
  const back = tf.sub(tf.expandDims(positions, 2), tf.expandDims(positionsFromMask(mask), 1)); // (B, M, N)
  const biasOf = (window: number) => {
    const isNear = Number.isFinite(window) ? tf.cast(tf.less(back, window), 'float32') : tf.onesLike(back);
    const near = tf.reshape(tf.mul(tf.sub(1, isNear), EXCLUDED_LOGIT), [batch, 1, more, length]);
    const ofBefore = seen(tf.add(near, keyBias(mask)));
    const ofOwn = seen(tf.add(causalBias(more, window), keyBias(added)));
    return tf.concat([ofBefore, ofOwn], 3) as tf.Tensor4D;
  };
  return {
    caches: before,
    positions,
    biases: biasesOf(windows, biasOf),
    length: lengthWithSamePositions(length + more),
  };
}

function biasesOf(windows: readonly number[], biasOf: (window: number) => tf.Tensor4D): Past['biases'] {
  return new Map([...new Set(windows)].map((window) => [window, biasOf(window)]));
}

/** (B, N) → (B, 1, 1, N) */
function keyBias(mask: tf.Tensor2D): tf.Tensor4D {
  return tf.reshape(tf.mul(tf.sub(1, mask), EXCLUDED_LOGIT), [mask.shape[0], 1, 1, mask.shape[1]]);
}

/** Excluded once is enough. */
function seen(bias: tf.Tensor): tf.Tensor4D {
  return tf.maximum(bias, EXCLUDED_LOGIT) as tf.Tensor4D;
}
