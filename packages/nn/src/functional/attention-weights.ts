import * as tf from '@tensorflow/tfjs-core';
import { EXCLUDED_LOGIT } from '../excluded-logit';
import { splitHeads } from './split-heads';

/**
 * What `scaledDotProductAttention` multiplies the values by: softmax(Q Kᵀ / √d + bias) of each of H heads. To be looked at; attention
 * itself is computed without these where the backend can.
 *
 * @param query (B, Nq, D)
 * @param key   (B, Nk, D)
 * @param bias  broadcastable to (B, H, Nq, Nk) and finite; {@link EXCLUDED_LOGIT} excludes
 * @param numAttentionHeads H, a divisor of D
 * @returns     (B, H, Nq, Nk), exactly 0 for what is excluded, also where a query has nothing to attend to
 */
export function attentionWeights(
  query: tf.Tensor3D,
  key: tf.Tensor3D,
  bias: tf.Tensor,
  numAttentionHeads: number,
): tf.Tensor4D {
  const scale = (query.shape[2] / numAttentionHeads) ** -0.5;
  const q = tf.mul<tf.Tensor4D>(splitHeads(query, numAttentionHeads), scale);
  const logits = tf.matMul(q, splitHeads(key, numAttentionHeads), false, true);
  const weights = tf.softmax(tf.add<tf.Tensor4D>(logits, bias));
  return tf.mul(weights, tf.cast(tf.greater(bias, EXCLUDED_LOGIT / 2), 'float32'));
}
