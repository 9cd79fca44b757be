import * as tf from '@tensorflow/tfjs-core';
import { tensorsIn } from './tensors-in';

/** Frees what a function leaves behind, but for the tensors in its result. */
export function inOwnScope<T>(compute: () => T): T {
  const engine = tf.engine();
  engine.startScope('layer');
  let kept: tf.Tensor[] = [];
  try {
    const result = compute();
    kept = tensorsIn(result);
    return result;
  } finally {
    engine.endScope(kept);
  }
}
