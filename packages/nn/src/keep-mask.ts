import type { Context } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs';

/**
 * 1 / (1 − rate) with probability 1 − rate, else 0. It is drawn on the host, so that the same key drops the same values on
 * every backend, and scaled there, so that dropping costs one product.
 */
export function keepMask(shape: readonly number[], rate: number, context: Context): tf.Tensor {
  const keep = 1 - rate;
  const size = shape.reduce((product, length) => product * length, 1);
  const values = Float32Array.from(context.nextKey().bernoulli(size, keep));
  const scale = 1 / keep;
  for (let index = 0; index < size; index++) values[index] *= scale;
  return tf.tensor(values, [...shape], 'float32');
}
