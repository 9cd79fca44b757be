import * as tf from '@tensorflow/tfjs-core';
import { withGradient } from './with-gradient';

/**
 * −Σ q log softmax(logits) of each row. Its gradient, where every row of q sums to 1:
 *
 *     dlogits = dy (softmax(logits) − q)
 *
 * No gradient flows to q.
 *
 * @param logits (…, K)
 * @param labels (…, K), q: each row sums to 1
 * @returns      (…), in nats
 */
export function softmaxCrossEntropy(logits: tf.Tensor, labels: tf.Tensor): tf.Tensor {
  return withGradient([logits], () => {
    const logProbabilities = tf.logSoftmax(logits);
    return {
      value: tf.neg(tf.sum(tf.mul(labels, logProbabilities), -1)),
      saved: [logProbabilities, labels],
      gradients: (dy, logProbabilities, labels) => {
        const difference = tf.sub(tf.exp(logProbabilities), labels);
        return [tf.mul(tf.expandDims(dy, -1), difference)];
      },
    };
  });
}
