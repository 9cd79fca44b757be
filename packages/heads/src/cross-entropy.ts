import { softmaxCrossEntropy } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Mean cross-entropy −Σ q log softmax(logits) over the rows. No gradient flows to q.
 *
 * @param logits (B, K)
 * @param probabilities (B, K), q: each row sums to 1
 * @returns a scalar, in nats
 */
export function crossEntropy(logits: tf.Tensor2D, probabilities: tf.Tensor2D): tf.Scalar {
  return tf.mean<tf.Scalar>(softmaxCrossEntropy(logits, probabilities));
}

/**
 * (B, K): the class of each row with probability 1 − smoothing, and `smoothing` spread over all K classes (Szegedy et
 * al. 2016, section 7; as PyTorch's `label_smoothing`).
 */
export function classProbabilities(indices: readonly number[], numClasses: number, smoothing: number): tf.Tensor2D {
  const values = new Float32Array(indices.length * numClasses).fill(smoothing / numClasses);
  indices.forEach((index, row) => {
    values[row * numClasses + index] += 1 - smoothing;
  });
  return tf.tensor2d(values, [indices.length, numClasses]);
}
