import * as tf from '@tensorflow/tfjs-core';
import { backendCapabilities } from './backend/capabilities';
import { type HostTensor, tensorType, tensorValues } from './features';

/**
 * The values of a float32 tensor, not copied where that can be: they are only to be read, and at once, before what holds the
 * tensor changes. Those of `tensor.data()` are copies on some backends.
 */
export async function viewValues(tensor: tf.Tensor): Promise<Float32Array> {
  return backendCapabilities().viewValues?.(tensor) ?? ((await tensor.data()) as Float32Array);
}

/** A float32 tensor of values that it takes over, on a backend that would copy them otherwise. */
export function adoptTensor(values: Float32Array, shape: readonly number[]): tf.Tensor {
  return backendCapabilities().hostTensor?.(values, shape) ?? tf.tensor(values, [...shape], 'float32');
}

/**
 * A tensor of values that are others in each step of training: where a step is replayed without running its code, they are computed again.
 *
 * @param compute gives new values, of one type and as many as the shape has
 */
export function changingTensor<R extends tf.Rank>(
  compute: () => Float32Array | Int32Array,
  shape: tf.ShapeMap[R],
): tf.Tensor<R> {
  const changing = backendCapabilities().changingTensor;
  if (changing) return changing(compute, shape) as tf.Tensor<R>;
  const values = compute();
  return tf.tensor(values, shape, values instanceof Int32Array ? 'int32' : 'float32');
}

/** A host tensor on the current backend, of the type that its `dtype` says: small integers are widened here and nowhere before. */
export function uploadTensor(feature: HostTensor): tf.Tensor {
  return tf.tensor(tensorValues(feature), [...feature.shape], tensorType(feature));
}
