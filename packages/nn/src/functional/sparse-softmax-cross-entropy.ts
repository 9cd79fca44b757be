import * as tf from '@tensorflow/tfjs-core';
import { replaceSlices } from './replace-slices';
import { withGradient } from './with-gradient';

/**
 * −log softmax(logits)[id] of each row, for labels that are one class each (PyTorch's `cross_entropy` with `reduction='none'`). There
 * are no one-hot labels, nor probabilities beside the logits, so that it needs for large K about the memory of the logits alone: their
 * shifted exponentials in the forward pass, and the gradient
 *
 *     dlogits = dy (softmax(logits) − [class = id])
 *
 * in the backward pass.
 *
 * @param logits (…, K)
 * @param ids    int32 (…), in [0, K)
 * @returns      (…), in nats
 */
export function sparseSoftmaxCrossEntropy(logits: tf.Tensor, ids: tf.Tensor): tf.Tensor {
  const classes = logits.shape.at(-1)!;
  return withGradient([logits], () => {
    const rows = tf.reshape<tf.Rank.R2>(logits, [ids.size, classes]); // (R, K)
    const own = tf.stack([tf.range(0, ids.size, 1, 'int32'), tf.reshape(ids, [ids.size])], 1) as tf.Tensor2D; // (R, 2)
    const normaliser = logSumExp(rows); // (R, 1)
    const value = tf.sub(tf.squeeze(normaliser, [1]), tf.gatherND(rows, own));
    return {
      value: tf.reshape(value, ids.shape),
      saved: [logits, own, normaliser, value],
      gradients: (dy, logits, own, normaliser, value) => {
        const factor = tf.reshape(dy, normaliser.shape);
        const rows = tf.reshape(logits, [normaliser.size, classes]);
        const others = tf.mul(factor, tf.exp(tf.sub(rows, normaliser)));
        const ofOwn = tf.mul(tf.squeeze(factor, [1]), tf.sub(tf.exp(tf.neg(value)), 1));
        return [tf.reshape(replaceSlices(others, own as tf.Tensor2D, ofOwn), logits.shape)];
      },
    };
  });
}

/** (R, K) → (R, 1) */
function logSumExp(rows: tf.Tensor2D): tf.Tensor2D {
  const largest = tf.max(rows, 1, true);
  return tf.add(largest, tf.log(tf.sum(tf.exp(tf.sub(rows, largest)), 1, true)));
}
