import * as tf from '@tensorflow/tfjs-core';
import { onBackend } from '../compare/on-backend';
import { ConformanceError } from '../conformance-error';

/** Tensors made inside `tf.tidy` are gone from the backend's own count afterwards, read or not. */
export async function backendFreesItsMemory(backend: string): Promise<void> {
  await onBackend(backend, async () => {
    const work = () =>
      tf.tidy(() => {
        const x = tf.ones([8, 8]);
        tf.softmax(tf.matMul(x, x)).dataSync();
        tf.relu(tf.add(x, 1)); // never read
      });
    work();
    const before = tf.backend().numDataIds();
    for (let round = 0; round < 5; round++) work();
    const left = tf.backend().numDataIds() - before;
    if (left === 0) return;
    throw new ConformanceError({
      where: `backend "${backend}"`,
      expected: 'no data to be left after tf.tidy',
      received: `${left} more than before`,
    });
  });
}
