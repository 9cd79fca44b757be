import * as tf from '@tensorflow/tfjs-core';
import { expectSameValues } from '../compare/expect-same-values';
import { onBackend } from '../compare/on-backend';

/**
 * What was computed stays so until it is read: when the array that a tensor was made from changes, when a variable gets
 * another value, when an input is freed; and reading at once gives what reading later gives.
 */
export async function tensorsKeepTheirValues(backend: string): Promise<void> {
  await onBackend(backend, async () => {
    const claim = `backend "${backend}"`;
    const array = Float32Array.of(1, 2, 3);
    const variable = tf.tidy(() => tf.variable(tf.tensor1d([10, 20, 30])));
    const input = tf.tensor1d(array);
    const sum = tf.tidy(() => tf.add(tf.mul(input, 2), variable));
    array.fill(99);
    tf.tidy(() => variable.assign(tf.tensor1d([0, 0, 0])));
    input.dispose();
    const later = { sum: { shape: [3], data: await sum.data() } };
    expectSameValues(`${claim}, inputs changed after use`, { sum: { shape: [3], data: [12, 24, 36] } }, later, 0);
    expectSameValues(`${claim}, dataSync`, later, { sum: { shape: [3], data: sum.dataSync() } }, 0);
    tf.dispose([variable, sum]);
  });
}
