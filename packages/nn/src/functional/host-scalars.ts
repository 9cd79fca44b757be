import * as tf from '@tensorflow/tfjs-core';
import { fusedKernel } from './fused-kernel';

/**
 * Scalars that a function computes in JavaScript: learning rates and other numbers that change from step to step. Where
 * a backend replays a step without running its code (`replay` of `@polymodal/backend-onnx`), it calls the function again.
 *
 * @param compute called once now, and once in each replayed step; what it does beside computing (counting steps) is done
 *                again too
 */
export function hostScalars<const N extends readonly number[]>(compute: () => N): { [Index in keyof N]: tf.Scalar } {
  const scalars = fusedKernel('HostScalars', {}, { compute } as unknown as tf.NamedAttrMap);
  return (scalars ?? compute().map((value) => tf.scalar(value))) as unknown as { [Index in keyof N]: tf.Scalar };
}
