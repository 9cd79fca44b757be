import * as tf from '@tensorflow/tfjs-core';
import { EXCLUDED_LOGIT } from './excluded-logit';

/**
 * The attention bias that lets token i attend to tokens 0 … i only, or with a window to those of its last tokens, itself
 * among them. It is computed from a range, so that a compiled function is the same for all lengths.
 *
 * @returns (1, 1, N, N)
 */
export function causalBias(length: number, window = Number.POSITIVE_INFINITY): tf.Tensor4D {
  const places = tf.range(0, length); // (N)
  const back = tf.sub(tf.expandDims(places, 1), tf.expandDims(places, 0)); // (N, N), from query to key
  const before = tf.greaterEqual(back, 0);
  const seen = Number.isFinite(window) ? tf.logicalAnd(before, tf.less(back, window)) : before;
  return tf.reshape(tf.where(seen, 0, EXCLUDED_LOGIT), [1, 1, length, length]);
}
