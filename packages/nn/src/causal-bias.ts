import * as tf from '@tensorflow/tfjs-core';
import { EXCLUDED_LOGIT } from './excluded-logit';

/**
 * The attention bias that lets token i attend to tokens 0 … i only, or with a window to those of its last tokens, itself
 * among them.
 *
 * @returns (1, 1, N, N)
 */
export function causalBias(length: number, window = length): tf.Tensor4D {
  const values = new Float32Array(length * length).fill(EXCLUDED_LOGIT);
  for (let query = 0; query < length; query++) {
    values.fill(0, query * length + Math.max(0, query - window + 1), query * length + query + 1);
  }
  return tf.tensor4d(values, [1, 1, length, length]);
}
