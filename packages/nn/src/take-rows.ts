import * as tf from '@tensorflow/tfjs-core';
import { placeRows } from './place-rows';

/**
 * Some rows of a batch, the opposite of {@link placeRows}. Its gradient is a gather too, since each row is taken once.
 *
 * @param values (B, …)
 * @param rows (P) ascending positions in the batch
 * @returns (P, …)
 */
export function takeRows<T extends tf.Tensor>(values: T, rows: Int32Array): T {
  const [size] = values.shape;
  if (rows.length === size) return values;
  const take = tf.customGrad((...inputs: (tf.Tensor | tf.GradSaveFunc)[]) => ({
    value: tf.gather(inputs[0] as tf.Tensor, tf.tensor1d(rows, 'int32')),
    gradFunc: (dy: tf.Tensor) => [placeRows(dy, rows, size)],
  }));
  return take(values) as T;
}
