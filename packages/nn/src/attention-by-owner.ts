import * as tf from '@tensorflow/tfjs-core';
import { ownerIndicators } from './owner-indicators';

/**
 * How much of each modality goes into each row: attention weights summed over the keys of a modality, the mean over heads and over the
 * queries that take part. What is missing to 1 went to tokens of no modality, or to nothing.
 *
 * @param weights   (B, H, N, M), as `MultiHeadAttention.weights` gives them
 * @param queryMask (B, N), 1 = takes part
 * @param keyOwner  int32 (B, M): the index of the modality that each key is of, −1 for none
 * @param modalities S, how many there are
 * @returns (B, S)
 */
export function attentionByOwner(
  weights: tf.Tensor4D,
  queryMask: tf.Tensor2D,
  keyOwner: tf.Tensor2D,
  modalities: number,
): tf.Tensor2D {
  const shares = tf.div(queryMask, tf.maximum(tf.sum(queryMask, 1, true), 1)); // (B, N)
  const ofKeys = tf.matMul(tf.expandDims(shares, 1) as tf.Tensor3D, tf.mean<tf.Tensor3D>(weights, 1)); // (B, 1, M)
  return tf.squeeze(tf.matMul(ofKeys, ownerIndicators(keyOwner, modalities)), [1]);
}
