import * as tf from '@tensorflow/tfjs-core';
import type { Values } from '../compare/read-tensors';

/** Uploads a value, whose type is that of its array. */
export function toTensor({ data, shape }: Values[string]): tf.Tensor {
  return tf.tensor(data as Float32Array | Int32Array, [...shape], data instanceof Int32Array ? 'int32' : 'float32');
}

/** The scalar that is differentiated: the products of outputs and their cotangents, summed. */
export function weightedSum(outputs: Readonly<Record<string, tf.Tensor>>, cotangents: Values): tf.Scalar {
  const terms = Object.entries(cotangents).map(([name, value]) => tf.sum(tf.mul(outputs[name], toTensor(value))));
  return tf.addN(terms) as tf.Scalar;
}
