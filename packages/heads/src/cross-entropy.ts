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
