import type { KeyValueCache } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Tokens in other places of their rows.
 *
 * @param tokens (B, N, D)
 * @param from   for each of M places of each row, where its token stood
 * @returns      (B, M, D)
 */
export function moveTokens(tokens: tf.Tensor3D, from: readonly (readonly number[])[]): tf.Tensor3D {
  const [batch, length, width] = tokens.shape;
  const flat = tf.reshape<tf.Rank.R2>(tokens, [batch * length, width]);
  const places = from.flatMap((own, row) => own.map((place) => row * length + place));
  return tf.reshape(tf.gather(flat, tf.tensor1d(places, 'int32')), [batch, from[0].length, width]);
}

/**
 * The same of keys and values, (B, Hkv, N, d) → (B, Hkv, M, d).
 *
 * @param from for each of M slots of each row, where its token stood
 */
export function moveInCaches(caches: readonly KeyValueCache[], from: readonly (readonly number[])[]): KeyValueCache[] {
  const [batch, heads, length, width] = caches[0].keys.shape;
  const places = from.flatMap((own, row) =>
    Array.from({ length: heads }, (_, head) => (row * heads + head) * length).flatMap((first) =>
      own.map((place) => first + place),
    ),
  );
  const indices = tf.tensor1d(places, 'int32');
  const moved = (cache: tf.Tensor4D): tf.Tensor4D => {
    const flat = tf.reshape<tf.Rank.R2>(cache, [batch * heads * length, width]);
    return tf.reshape(tf.gather(flat, indices), [batch, heads, from[0].length, width]);
  };
  return caches.map(({ keys, values }) => ({ keys: moved(keys), values: moved(values) }));
}
