import type { KeyValueCache } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Tokens in other places, of the same rows or of others.
 *
 * @param tokens (R, N, D)
 * @param from   for each of M places of each of B rows, where its token stood, counted through all R · N
 * @returns      (B, M, D)
 */
export function moveTokens(tokens: tf.Tensor3D, from: readonly (readonly number[])[]): tf.Tensor3D {
  const [rows, length, width] = tokens.shape;
  const flat = tf.reshape<tf.Rank.R2>(tokens, [rows * length, width]);
  return tf.reshape(tf.gather(flat, tf.tensor1d(from.flat(), 'int32')), [from.length, from[0].length, width]);
}

/**
 * The same of keys and values, (R, Hkv, N, d) → (B, Hkv, M, d).
 *
 * @param from for each of M slots of each of B rows, where its token stood, counted through all R · N
 */
export function moveInCaches(caches: readonly KeyValueCache[], from: readonly (readonly number[])[]): KeyValueCache[] {
  if (caches.length === 0) return [];
  const [rows, heads, length, width] = caches[0].keys.shape;
  const places = from.flatMap((own) =>
    Array.from({ length: heads }, (_, head) => head).flatMap((head) =>
      own.map((place) => (Math.floor(place / length) * heads + head) * length + (place % length)),
    ),
  );
  const indices = tf.tensor1d(places, 'int32');
  const moved = (cache: tf.Tensor4D): tf.Tensor4D => {
    const flat = tf.reshape<tf.Rank.R2>(cache, [rows * heads * length, width]);
    return tf.reshape(tf.gather(flat, indices), [from.length, heads, from[0].length, width]);
  };
  return caches.map(({ keys, values }) => ({ keys: moved(keys), values: moved(values) }));
}
