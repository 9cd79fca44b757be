import { RandomKey } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';

/**
 * A scalar that depends on every element of some tensors, each with a weight of its own, so that no two errors cancel
 * and the same tensors always give the same scalar.
 */
export function projection(tensors: Readonly<Record<string, tf.Tensor>>): tf.Scalar {
  const key = RandomKey.from(0).fold('projection');
  const terms = Object.entries(tensors).map(([name, tensor]) => {
    const weights = tf.tensor(key.fold(name).normal(tensor.size), tensor.shape);
    return tf.div(tf.sum(tf.mul(tensor, weights)), Math.sqrt(Math.max(tensor.size, 1)));
  });
  return tf.addN(terms) as tf.Scalar;
}
