import * as tf from '@tensorflow/tfjs-core';

/** Some rows of a tensor in their order; the tensor itself where that is all of them. */
export function gatherRows<T extends tf.Tensor>(values: T, rows: ArrayLike<number>): T {
  const positions = Int32Array.from(rows);
  const complete = positions.length === values.shape[0] && positions.every((row, index) => row === index);
  return complete ? values : tf.gather(values, tf.tensor1d(positions, 'int32'));
}
