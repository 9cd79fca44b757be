import { EXCLUDED_LOGIT } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs';

/**
 * The attention bias that lets token i attend to tokens 0 … i only.
 *
 * @returns (1, 1, N, N)
 */
export function causalBias(length: number): tf.Tensor4D {
  const values = new Float32Array(length * length);
  for (let query = 0; query < length; query++) {
    values.fill(EXCLUDED_LOGIT, query * length + query + 1, (query + 1) * length);
  }
  return tf.tensor4d(values, [1, 1, length, length]);
}
