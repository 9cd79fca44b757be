import * as tf from '@tensorflow/tfjs-core';
import type { KeyValueCache } from '../key-value-cache';

/**
 * Attention of new tokens to all slots of a cache, softmax(Q Kᵀ + bias) V in each head, where several heads of the queries may
 * share one of the cache. It has no gradient of its own: decoding is inference.
 *
 * The products run over the cache as it lies in memory, since exchanging its axes would copy it for every token.
 *
 * @param query (B, H, N, d), scaled
 * @param bias  (B, 1, N, C), or (B, 1, 1, C) for all of them
 * @returns     (B, N, H · d)
 */
export function cachedAttention(query: tf.Tensor4D, { keys, values }: KeyValueCache, bias: tf.Tensor4D): tf.Tensor3D {
  const [batch, heads, length, width] = query.shape;
  const [, groups, slots] = keys.shape;
  const rows = (heads / groups) * length; // queries that share a head of the cache
  const grouped = tf.reshape<tf.Rank.R4>(query, [batch, groups, rows, width]);
  const products = tf.matMul<tf.Tensor4D>(keys, exchanged(grouped)); // (B, Hkv, C, rows)
  const logits = tf.add(tf.reshape<tf.Rank.R4>(exchanged(products), [batch, heads, length, slots]), bias);
  const weights = tf.reshape<tf.Rank.R4>(tf.softmax(logits), [batch, groups, rows, slots]);
  const attended = tf.reshape(tf.matMul(weights, values), [batch, heads, length, width]);
  return tf.reshape(tf.transpose(attended, [0, 2, 1, 3]), [batch, length, heads * width]);
}

/** (…, M, N) → (…, N, M) */
function exchanged(x: tf.Tensor4D): tf.Tensor4D {
  const [batch, heads, rows, columns] = x.shape;
  const isVector = rows === 1 || columns === 1; // then it lies in memory already as it shall
  return isVector ? tf.reshape(x, [batch, heads, columns, rows]) : tf.transpose(x, [0, 1, 3, 2]);
}
