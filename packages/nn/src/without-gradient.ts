import * as tf from '@tensorflow/tfjs-core';

/** What a function computes, as numbers that gradients do not flow through: a choice that is made, say (PyTorch's `no_grad`). */
export function withoutGradient<T extends tf.Tensor>(compute: () => T): T {
  const { state } = tf.engine();
  const depth = state.gradientDepth;
  state.gradientDepth = 0; // no operation is taped meanwhile
  try {
    return compute();
  } finally {
    state.gradientDepth = depth;
  }
}
