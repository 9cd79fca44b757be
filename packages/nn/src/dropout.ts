import type { Context, Module } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { checkRate } from './check-rate';
import { keepMask } from './keep-mask';

/**
 * Inverted dropout (Srivastava et al. 2014): in training each value is 0 with probability `rate`, and the others are
 * scaled by 1 / (1 − rate). In inference, or at rate 0, it is `x` itself, and no key is drawn.
 *
 * @param module who drops: its path in the model decides what is drawn
 * @throws ConfigError unless the rate lies in [0, 1)
 */
export function dropout<T extends tf.Tensor>(x: T, rate: number, context: Context, module: Module): T {
  checkRate('dropout rate', rate);
  const mask = keepMask(x.shape, rate, context, module);
  return mask ? tf.mul(x, mask) : x;
}
