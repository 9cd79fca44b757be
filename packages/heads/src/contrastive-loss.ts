import * as tf from '@tensorflow/tfjs-core';
import { crossEntropy } from './cross-entropy';

/**
 * Symmetric InfoNCE (Radford et al. 2021, figure 3; `clip_loss`): for each row the mean of the cross-entropies of finding, for
 * that of `a`, its row of `b`, and the other way round; summed over the rows.
 *
 * With `matches`, several rows may match one, all of them equally (Khosla et al. 2020, supervised contrastive learning, as a
 * softmax over soft labels): rows that show the same thing do not repel one another.
 *
 * @param ofA (n, n), logits of the rows of `b` for each of `a`
 * @param ofB (n, n), those of the rows of `a` for each of `b`
 * @param matches (n, n), symmetric, 1 where two rows match, with ones on its diagonal; by default each row matches only itself
 */
export function contrastiveLoss(
  ofA: tf.Tensor2D,
  ofB: tf.Tensor2D,
  matches: tf.Tensor2D = tf.eye(ofA.shape[0]),
): tf.Scalar {
  const labels = tf.div<tf.Tensor2D>(matches, tf.sum(matches, 1, true));
  return tf.div(tf.add(crossEntropy(ofA, labels), crossEntropy(ofB, labels)), 2);
}

/**
 * The log-loss of all pairs, each judged by itself: does it belong together, or not (Zhai et al. 2023, eq. 1; `loss` of HF
 * `SiglipModel`), summed.
 *
 * @param logits (n, n)
 * @param matches (n, n), 1 where two rows match; by default each row matches only itself
 */
export function pairwiseLoss(logits: tf.Tensor2D, matches: tf.Tensor2D = tf.eye(logits.shape[0])): tf.Scalar {
  const signs = tf.sub(tf.mul(matches, 2), 1);
  return tf.sum(tf.softplus(tf.neg(tf.mul(logits, signs)))); // −log sigmoid(x) = softplus(−x)
}
