import * as tf from '@tensorflow/tfjs-core';

/**
 * A tensor with some slices replaced: `tf.tensorScatterUpdate` at positions all of which differ. So `backend-onnx` may place as many as
 * there are at once, where otherwise it has to make sure that the last one at a position stays. It has no gradient.
 *
 * @param indices int32 (N, R), positions along the first R axes
 * @param slices  (N, …)
 */
export function replaceSlices<T extends tf.Tensor>(tensor: T, indices: tf.Tensor2D, slices: tf.Tensor): T {
  const inputs = { tensor, indices, updates: slices };
  return tf.engine().runKernel<tf.Tensor>(tf.TensorScatterUpdate, inputs, { areDistinct: true }) as T;
}
