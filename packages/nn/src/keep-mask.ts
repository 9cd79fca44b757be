import type { Context, Module } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';

/**
 * 1 / (1 − rate) with probability 1 − rate, else 0; undefined if nothing is dropped, which is in inference and at rate 0:
 * then no key is drawn.
 *
 * It is drawn on the host, so that the same key drops the same values on every backend, and scaled there, so that
 * dropping costs one product.
 */
export function keepMask<R extends tf.Rank>(
  shape: tf.ShapeMap[R],
  rate: number,
  context: Context,
  module: Module,
): tf.Tensor<R> | undefined {
  if (!context.training || rate === 0) return undefined;
  const keep = 1 - rate;
  const values = context.keyFor(module).scaledBernoulli(tf.util.sizeFromShape(shape), keep, 1 / keep);
  return tf.tensor(values, shape, 'float32');
}
