import { backendCapabilities } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Scalars that a function computes in JavaScript: learning rates and other numbers that change from step to step. Where
 * a backend replays a step without running its code (`replay` of `@polymodal/backend-onnx`), it calls the function again.
 *
 * @param compute called once now, and once in each replayed step; what it does beside computing (counting steps) is done
 *                again too
 */
export function hostScalars<const N extends readonly number[]>(compute: () => N): { [Index in keyof N]: tf.Scalar } {
  const scalars = backendCapabilities().hostScalars?.(compute) ?? compute().map((value) => tf.scalar(value));
  return scalars as { [Index in keyof N]: tf.Scalar };
}
