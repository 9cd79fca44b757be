import type { ValueBlocks } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Values with zeros in the place of hidden blocks.
 *
 * @param values (P, A, …)
 * @param shown  (P, G, …) by the grid of blocks, 1 = seen. What belongs to no block is seen
 */
export function withoutHidden(values: tf.Tensor, shown: tf.Tensor, { size }: ValueBlocks): tf.Tensor {
  const [rows, ...extents] = values.shape;
  const grid = shown.shape.slice(1);
  const apart = tf.reshape(shown, [rows, ...grid.flatMap((count) => [count, 1])]);
  const blocks = tf.mul(apart, tf.ones([1, ...size.flatMap((length) => [1, length])]));
  const covered = grid.map((count, axis) => count * size[axis]);
  const whole = tf.reshape(blocks, [rows, ...covered]);
  const padded = tf.pad(
    whole,
    [[0, 0], ...covered.map((length, axis): [number, number] => [0, extents[axis] - length])],
    1,
  );
  const rest = extents.slice(size.length).map(() => 1);
  const keeps = tf.cast(tf.reshape(padded, [rows, ...extents.slice(0, size.length), ...rest]), 'bool');
  return tf.where(keeps, values, tf.zerosLike(values)); // and not a product: what is NaN in padding stays there
}
