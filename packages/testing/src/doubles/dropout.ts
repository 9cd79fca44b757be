import type { Context, Module } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';

/** Inverted dropout, for the test doubles. */
export function dropout<T extends tf.Tensor>(input: T, rate: number, context: Context, module: Module): T {
  if (!context.training || rate === 0) return input;
  const kept = Float32Array.from(context.keyFor(module).bernoulli(input.size, 1 - rate), (bit) => bit / (1 - rate));
  return tf.mul(input, tf.tensor(kept, input.shape)) as T;
}
