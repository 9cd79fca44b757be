import * as tf from '@tensorflow/tfjs-core';

/**
 * The values of a float32 tensor, not copied where that can be: they are only to be read, and at once, before what holds the
 * tensor changes. Those of `tensor.data()` are copies on some backends.
 */
export async function viewValues(tensor: tf.Tensor): Promise<Float32Array> {
  let values: Float32Array | null = null;
  if (tf.getKernel('ViewValues', tf.getBackend())) {
    const view = (held: Float32Array | null) => {
      values = held;
    };
    tf.engine().runKernel('ViewValues', { x: tensor }, { view } as unknown as tf.NamedAttrMap);
  }
  return values ?? ((await tensor.data()) as Float32Array);
}

/** A float32 tensor of values that it takes over: a backend that would copy them has a kernel for that. */
export function adoptTensor(values: Float32Array, shape: readonly number[]): tf.Tensor {
  if (!tf.getKernel('HostTensor', tf.getBackend())) return tf.tensor(values, [...shape], 'float32');
  const attributes = { values, shape: [...shape] } as unknown as tf.NamedAttrMap;
  return tf.engine().runKernel('HostTensor', {}, attributes) as tf.Tensor;
}
