import type { Context, Module } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { checkRate } from './check-rate';
import { keepMask } from './keep-mask';

/**
 * Stochastic depth (Huang et al. 2016): in training each row of a residual branch is dropped as a whole with
 * probability `rate`, and the others are scaled by 1 / (1 − rate). In inference, or at rate 0, it is `x` itself, and
 * no key is drawn.
 *
 * @param x (B, …)
 * @param module who drops: its path in the model decides what is drawn
 * @throws ConfigError unless the rate lies in [0, 1)
 */
export function dropPath<T extends tf.Tensor>(x: T, rate: number, context: Context, module: Module): T {
  checkRate('dropPath rate', rate);
  const perRow = x.shape.map((length, axis) => (axis === 0 ? length : 1));
  const mask = keepMask(perRow, rate, context, module);
  return mask ? tf.mul(x, mask) : x;
}
