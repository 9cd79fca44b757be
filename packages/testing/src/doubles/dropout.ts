import type { Context, Module } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';

/** Inverted dropout, for the test doubles. */
export function dropout<T extends tf.Tensor>(input: T, rate: number, context: Context, module: Module): T {
  if (!context.training || rate === 0) return input;
  const kept = context.drawFor(module, input.shape, (key) =>
    Float32Array.from(key.bernoulli(input.size, 1 - rate), (bit) => bit / (1 - rate)),
  );
  return tf.mul(input, kept);
}
