import * as tf from '@tensorflow/tfjs-core';

/** TensorFlow.js (4.22) cannot take the gradient of a split into one piece, since it is given that without a list around it. */
export function mendSplitGradient(): void {
  tf.registerGradient({
    kernelName: 'SplitV',
    gradFunc: (dy, _saved, { axis }) => ({ x: () => tf.concat([dy].flat() as tf.Tensor[], axis as number) }),
  });
}
