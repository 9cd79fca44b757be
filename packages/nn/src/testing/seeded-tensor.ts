import { RandomKey } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';

/** Standard normal numbers that depend on the shape and the seed alone. */
export function seededTensor<T extends tf.Tensor>(shape: number[], seed = 0): T {
  const size = shape.reduce((product, length) => product * length, 1);
  return tf.tensor(RandomKey.from(seed).fold(shape.join(',')).normal(size), shape) as T;
}
