import * as tf from '@tensorflow/tfjs-core';

/** Some rows of a tensor in their order; the tensor itself where that is all of them. */
export function gatherRows<T extends tf.Tensor>(values: T, rows: readonly number[]): T {
  const complete = rows.length === values.shape[0] && rows.every((row, index) => row === index);
  return complete ? values : tf.gather(values, tf.tensor1d(Int32Array.from(rows), 'int32'));
}
