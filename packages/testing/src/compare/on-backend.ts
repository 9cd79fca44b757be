import * as tf from '@tensorflow/tfjs-core';

/** Runs with another backend, and returns to the one that was set. */
export async function onBackend<T>(backend: string, run: () => Promise<T>): Promise<T> {
  await tf.ready();
  const previous = tf.getBackend();
  await tf.setBackend(backend);
  try {
    return await run();
  } finally {
    await tf.setBackend(previous);
  }
}
