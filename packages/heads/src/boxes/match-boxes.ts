import { linearAssignment, withoutGradient } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import { generalizedOverlap } from './box-overlap';

/** What queries say of P pictures. */
export interface QueriedBoxes {
  /** (P, Q, K + 1), the last for no object. */
  readonly logits: tf.Tensor3D;
  /** (P, Q, 4): middle, width and height, as shares of the picture. */
  readonly boxes: tf.Tensor3D;
}

/** What is to be found in them. */
export interface WantedBoxes {
  /** (P, T, 4) */
  readonly boxes: tf.Tensor3D;
  /** int32 (P, T) */
  readonly labels: tf.Tensor2D;
  /** (P, T), 1 = is a box. */
  readonly mask: tf.Tensor2D;
}

/** What each difference between a query's and a wanted box costs. */
export interface MatchCosts {
  readonly classCost: number;
  readonly bboxCost: number;
  readonly giouCost: number;
}

/**
 * Which query is to find which box, so that all together are as alike as they can be (Carion et al. 2020, eq. 1; HF `HungarianMatcher`). There is no
 * gradient through it.
 *
 * @returns (P, T, Q), 1 where they belong together
 */
export function matchBoxes({ logits, boxes }: QueriedBoxes, wanted: WantedBoxes, costs: MatchCosts): tf.Tensor3D {
  return withoutGradient(() =>
    tf.tidy(() => {
      const [, queries, classes] = logits.shape;
      const { classCost, bboxCost, giouCost } = costs;
      const labels = classesOf(wanted.labels, classes);
      const probabilities = tf.matMul(labels, tf.softmax(logits, 2), false, true); // (P, T, Q)
      const [ours, theirs] = [tf.expandDims(boxes, 1), tf.expandDims(wanted.boxes, 2)];
      const distance = tf.sum(tf.abs(tf.sub(ours, theirs)), 3);
      const total = tf.addN([
        tf.mul(probabilities, -classCost),
        tf.mul(distance, bboxCost),
        tf.mul(generalizedOverlap(ours, theirs), -giouCost),
      ]) as tf.Tensor3D;
      const assigned = linearAssignment(total, wanted.mask); // (P, T)
      return tf.cast(tf.equal(tf.expandDims(assigned, 2), tf.range(0, queries, 1, 'int32')), 'float32') as tf.Tensor3D;
    }),
  );
}

/** (P, T) → (P, T, K + 1), 1 at each label. */
export function classesOf(labels: tf.Tensor2D, classes: number): tf.Tensor3D {
  return tf.oneHot(labels, classes, 1, 0, 'float32') as unknown as tf.Tensor3D;
}
