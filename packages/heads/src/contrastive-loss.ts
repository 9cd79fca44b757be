import * as tf from '@tensorflow/tfjs-core';
import { crossEntropy } from './cross-entropy';

/**
 * Symmetric InfoNCE (Radford et al. 2021, figure 3; `clip_loss`): for each row the mean of the cross-entropies of finding, for
 * that of `a`, its row of `b`, and the other way round; summed over the rows.
 *
 * With `matches`, several rows may match one, all of them equally (Khosla et al. 2020, supervised contrastive learning, as a
 * softmax over soft labels): rows that show the same thing do not repel one another.
 *
 * @param a (n, E) of unit length
 * @param b (n, E) of unit length
 * @param scale a scalar, 1 / temperature
 * @param matches (n, n), symmetric, 1 where two rows match, with ones on its diagonal; by default each row matches only itself
 */
export function contrastiveLoss(
  a: tf.Tensor2D,
  b: tf.Tensor2D,
  scale: tf.Scalar,
  matches: tf.Tensor2D = tf.eye(a.shape[0]),
): tf.Scalar {
  const logits = tf.mul(tf.matMul(a, b, false, true), scale) as tf.Tensor2D; // (n, n)
  const labels = tf.div<tf.Tensor2D>(matches, tf.sum(matches, 1, true));
  return tf.div(tf.add(crossEntropy(logits, labels), crossEntropy(tf.transpose(logits), labels)), 2);
}
