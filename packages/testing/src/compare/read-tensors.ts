import * as tf from '@tensorflow/tfjs-core';

/** Values of named tensors, in host memory. */
export type Values = Readonly<Record<string, { readonly shape: readonly number[]; readonly data: ArrayLike<number> }>>;

/** Runs a computation and copies the named tensors that it returns to host memory, leaving nothing on the backend. */
export async function readTensors(compute: () => Readonly<Record<string, tf.Tensor>>): Promise<Values> {
  // Clones, so that a computation may return a parameter or an input without its being freed here.
  const tensors = tf.tidy(() =>
    Object.fromEntries(Object.entries(compute()).map(([name, tensor]) => [name, tensor.clone()])),
  );
  const values: Record<string, { shape: readonly number[]; data: ArrayLike<number> }> = {};
  for (const [name, tensor] of Object.entries(tensors)) {
    values[name] = { shape: tensor.shape, data: (await tensor.data()).slice() };
  }
  tf.dispose(tensors);
  return values;
}
