import type { Grid } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Embeddings of the positions in one grid for pictures that have fewer or more patches a side, each its own number: a patch has the
 * position in whose part of the whole it begins (Dehghani et al. 2023, "Patch n' Pack"; HF `Idefics3VisionEmbeddings`).
 *
 * Python compares fractions in float32, so that rounding may decide at the border between two positions; here they are exact. For the
 * grids of published models both are the same.
 *
 * @param positions (rows · columns, D), row by row
 * @param mask      (P, R, C), 1 = a patch of the picture, which begins at the upper left; its first row and column say how many there are
 * @returns         (P, R · C, D)
 */
export function fractionalPositions(positions: tf.Tensor2D, [rows, columns]: Grid, mask: tf.Tensor3D): tf.Tensor3D {
  const [size, down, across] = mask.shape;
  const counts = (axis: 1 | 2) =>
    tf.sum<tf.Tensor2D>(tf.slice(mask, [0, 0, 0], axis === 1 ? [-1, -1, 1] : [-1, 1, -1]), axis);
  const row = partsOf(tf.reshape(counts(1), [size, 1]), down, rows); // (P, R)
  const column = partsOf(tf.reshape(counts(2), [size, 1]), across, columns); // (P, C)
  const index = tf.add(tf.mul(tf.expandDims(row, 2), columns), tf.expandDims(column, 1)); // (P, R, C)
  const flat = tf.cast(tf.reshape(index, [size * down * across]), 'int32') as tf.Tensor1D;
  return tf.reshape(tf.gather(positions, flat), [size, down * across, positions.shape[1]]);
}

/**
 * ⌊i · parts / count⌋ for i = 0 … length − 1, the last part for what is beyond the count. What is added in the numerator keeps rounding
 * away from whole numbers and changes none, as all others there are whole.
 *
 * @param count (P, 1)
 */
function partsOf(count: tf.Tensor2D, length: number, parts: number): tf.Tensor2D {
  const begins = tf.expandDims(tf.add(tf.mul(tf.range(0, length), parts), 0.5), 0); // (1, length)
  return tf.minimum(tf.floor(tf.div(begins, tf.maximum(count, 1))), parts - 1);
}
