import * as tf from '@tensorflow/tfjs-core';

/**
 * The outputs of a kernel that the current backend may have beyond TensorFlow.js's own, such as those of
 * `@polymodal/backend-onnx`: several operations as one, or as few as its engine allows. Undefined where the backend has
 * no such kernel; then the same is computed with plain operations.
 *
 * @param accepts the type of all inputs; of others nothing comes out
 */
export function fusedKernel(
  name: string,
  inputs: Readonly<Record<string, tf.Tensor | undefined>>,
  attributes: tf.NamedAttrMap = {},
  accepts: tf.DataType = 'float32',
): tf.Tensor[] | undefined {
  if (tf.getKernel(name, tf.getBackend()) === undefined) return undefined;
  const given = Object.entries(inputs).filter((entry): entry is [string, tf.Tensor] => entry[1] !== undefined);
  if (given.some(([, { dtype, size }]) => dtype !== accepts || size === 0)) return undefined;
  const outputs = tf.engine().runKernel(name, Object.fromEntries(given), attributes) as tf.Tensor | tf.Tensor[];
  return Array.isArray(outputs) ? outputs : [outputs];
}
