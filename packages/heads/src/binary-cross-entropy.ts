import * as tf from '@tensorflow/tfjs-core';

/** How {@link binaryCrossEntropy} counts. */
export interface BinaryCrossEntropyOptions {
  /** (K), how much what has a label counts. */
  readonly positiveWeights?: tf.Tensor1D | undefined;
  /** γ of the focal loss, 0 for none. */
  readonly focalGamma?: number;
}

/**
 * Binary cross-entropy −(w y log σ(x) + (1 − y) log σ(−x)) of each logit (PyTorch's `binary_cross_entropy_with_logits` with `pos_weight`), each
 * times (1 − p)^γ with p the probability of the truth (Lin et al. 2017, eq. 4).
 *
 * @param logits (B, K)
 * @param labels (B, K), 0 to 1
 * @returns      (B, K), in nats
 */
export function binaryCrossEntropy(
  logits: tf.Tensor2D,
  labels: tf.Tensor2D,
  { positiveWeights, focalGamma = 0 }: BinaryCrossEntropyOptions = {},
): tf.Tensor2D {
  const ofPresence = tf.mul(labels, tf.softplus(tf.neg(logits)));
  const ofAbsence = tf.mul(tf.sub(1, labels), tf.softplus(logits));
  const surprise: tf.Tensor2D = tf.add(positiveWeights ? tf.mul(ofPresence, positiveWeights) : ofPresence, ofAbsence);
  if (focalGamma === 0) return surprise;
  const probability = tf.sigmoid(logits);
  const doubt = tf.add(tf.mul(labels, tf.sub(1, probability)), tf.mul(tf.sub(1, labels), probability));
  return tf.mul(surprise, tf.pow(tf.relu(doubt), focalGamma));
}
