import * as tf from '@tensorflow/tfjs-core';
import { crossEntropy } from './cross-entropy';

/**
 * Symmetric InfoNCE (Radford et al. 2021, figure 3; `clip_loss`): the mean of the cross-entropies of finding, for each
 * row of `a`, its row of `b`, and the other way round.
 *
 * With `groups`, every row of the same group is a match, all of them equally (Khosla et al. 2020, supervised contrastive
 * learning, as a softmax over soft labels): rows that show the same thing do not repel one another.
 *
 * @param a (n, E) of unit length
 * @param b (n, E) of unit length
 * @param scale a scalar, 1 / temperature
 * @param groups (n) of each row; by default each row is a group of its own
 */
export function contrastiveLoss(
  a: tf.Tensor2D,
  b: tf.Tensor2D,
  scale: tf.Scalar,
  groups: readonly unknown[] = Array.from({ length: a.shape[0] }, (_, index) => index),
): tf.Scalar {
  const logits = tf.mul(tf.matMul(a, b, false, true), scale) as tf.Tensor2D; // (n, n)
  const matches = matchProbabilities(groups);
  return tf.div(tf.add(crossEntropy(logits, matches), crossEntropy(tf.transpose(logits), matches)), 2);
}

/** (n, n), symmetric: for each row, uniform over the rows of its group. */
function matchProbabilities(groups: readonly unknown[]): tf.Tensor2D {
  const sizes = new Map<unknown, number>();
  for (const group of groups) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  const rows = groups.map((group) => groups.map((other) => (other === group ? 1 / sizes.get(group)! : 0)));
  return tf.tensor2d(Float32Array.from(rows.flat()), [groups.length, groups.length]);
}
