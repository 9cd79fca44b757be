import { softmaxCrossEntropy } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Cross-entropy −Σ q log softmax(logits), summed over the rows. No gradient flows to q.
 *
 * @param logits (B, K)
 * @param probabilities (B, K), q: each row sums to 1
 * @returns a scalar, in nats
 */
export function crossEntropy(logits: tf.Tensor2D, probabilities: tf.Tensor2D): tf.Scalar {
  return tf.sum<tf.Scalar>(softmaxCrossEntropy(logits, probabilities));
}

/**
 * The same where classes do not count alike, −Σ w q log softmax(logits) (PyTorch's `weight`).
 *
 * @param weights (K), above 0
 */
export function weightedCrossEntropy(logits: tf.Tensor2D, probabilities: tf.Tensor2D, weights: tf.Tensor1D): tf.Scalar {
  const weighted = tf.mul(probabilities, weights);
  const ofRow = tf.sum(weighted, 1, true); // (B, 1)
  const surprise = softmaxCrossEntropy(logits, tf.div(weighted, ofRow)); // (B), of distributions
  return tf.sum<tf.Scalar>(tf.mul(surprise, tf.squeeze(ofRow, [1])));
}

/**
 * Focal loss −Σ w q (1 − p)^γ log p with p = softmax(logits) (Lin et al. 2017, eq. 4, for several classes).
 *
 * @param weights (K)
 */
export function focalCrossEntropy(
  logits: tf.Tensor2D,
  probabilities: tf.Tensor2D,
  gamma: number,
  weights?: tf.Tensor1D,
): tf.Scalar {
  const logProbabilities = tf.logSoftmax(logits);
  const doubt = tf.pow(tf.relu(tf.sub(1, tf.exp(logProbabilities))), gamma); // rounding may leave a p above 1
  const weighted = weights ? tf.mul(probabilities, weights) : probabilities;
  return tf.neg(tf.sum<tf.Scalar>(tf.mul(weighted, tf.mul(doubt, logProbabilities))));
}

/**
 * (B, K): the class of each row with probability 1 − smoothing, and `smoothing` spread over all K classes (Szegedy et
 * al. 2016, section 7; as PyTorch's `label_smoothing`).
 *
 * @param classes (B), int32
 */
export function classProbabilities(classes: tf.Tensor1D, numClasses: number, smoothing: number): tf.Tensor2D {
  const certain = tf.oneHot(classes, numClasses, 1, 0, 'float32') as tf.Tensor2D;
  if (smoothing === 0) return certain;
  return tf.add(tf.mul(certain, 1 - smoothing), smoothing / numClasses);
}
