import type * as tf from '@tensorflow/tfjs-core';
import { fusedKernel } from './fused-kernel';
import type { WithGradient } from './with-gradient';

/** GELU, exact or in one of its approximate forms, as the backend's own kernel; undefined where it has none. */
export function fusedGelu<T extends tf.Tensor>(
  x: T,
  approximate: 'none' | 'tanh' | 'quick',
): WithGradient<[T], tf.Tensor[], T> | undefined {
  const outputs = fusedKernel('FusedGelu', { x }, { approximate });
  return (
    outputs && {
      value: outputs[0] as T,
      saved: [x],
      gradients: (dy, x) => [fusedKernel('FusedGeluGrad', { dy, x }, { approximate })![0]],
    }
  );
}
