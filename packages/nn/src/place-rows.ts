import * as tf from '@tensorflow/tfjs-core';

/**
 * Spreads the values of P rows over a batch of B; the other rows get a filler, or zeros.
 *
 * It gathers, in both directions: a product with a one-hot matrix would be slower, and would carry a NaN of one row
 * into all of them (0 · NaN = NaN).
 *
 * @param values (P, …)
 * @param rows (P) ascending positions in the batch
 * @param size B
 * @param filler (1, …)
 * @returns (B, …)
 */
export function placeRows<T extends tf.Tensor>(values: T, rows: Int32Array, size: number, filler?: T): T {
  if (rows.length === size) return values;
  const source = new Int32Array(size); // 0 is the filler, 1 + i the i-th value
  rows.forEach((row, index) => {
    source[row] = 1 + index;
  });
  const absent = Int32Array.from(source.keys()).filter((row) => source[row] === 0);

  const place = tf.customGrad((...inputs: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const [ours, other = tf.zeros([1, ...values.shape.slice(1)])] = inputs.slice(0, filler ? 2 : 1) as tf.Tensor[];
    return {
      value: tf.gather(tf.concat([other, ours], 0), tf.tensor1d(source, 'int32')),
      gradFunc: (dy: tf.Tensor) => {
        const dValues = tf.gather(dy, tf.tensor1d(rows, 'int32'));
        if (!filler) return [dValues];
        return [dValues, tf.sum(tf.gather(dy, tf.tensor1d(absent, 'int32')), 0, true)];
      },
    };
  });
  return (filler ? place(values, filler) : place(values)) as T;
}
