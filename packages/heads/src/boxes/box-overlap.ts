import * as tf from '@tensorflow/tfjs-core';

/**
 * Generalized intersection over union of boxes (Rezatofighi et al. 2019): the share of both that they have in common, less the share of the
 * smallest box around both that neither fills. From −1 to 1, and 1 of equal ones.
 *
 * @param boxes  (…, 4): middle, width and height, above 0
 * @param others the same, broadcast against them
 * @returns      (…)
 */
export function generalizedOverlap(boxes: tf.Tensor, others: tf.Tensor): tf.Tensor {
  const [one, other] = [sidesOf(boxes), sidesOf(others)];
  const shared = (axis: 'x' | 'y') =>
    tf.relu(tf.sub(tf.minimum(one[axis].end, other[axis].end), tf.maximum(one[axis].start, other[axis].start)));
  const around = (axis: 'x' | 'y') =>
    tf.sub(tf.maximum(one[axis].end, other[axis].end), tf.minimum(one[axis].start, other[axis].start));
  const intersection = tf.mul(shared('x'), shared('y'));
  const union = tf.sub(tf.add(one.area, other.area), intersection);
  const hull = tf.mul(around('x'), around('y'));
  return tf.sub(tf.div(intersection, union), tf.div(tf.sub(hull, union), hull));
}

function sidesOf(boxes: tf.Tensor) {
  const [x, y, width, height] = tf.unstack(boxes, -1);
  const along = (middle: tf.Tensor, length: tf.Tensor) => {
    const half = tf.mul(length, 0.5);
    return { start: tf.sub(middle, half), end: tf.add(middle, half) };
  };
  return { x: along(x, width), y: along(y, height), area: tf.mul(width, height) };
}
