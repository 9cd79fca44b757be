import * as tf from '@tensorflow/tfjs-core';

/** Steps of some shapes in turn, whose intermediate values take the same memory: as of batches whose lengths vary. */
export function mixedSteps(shapeCount: number): (index: number) => void {
  const shapes = Array.from({ length: shapeCount }, (_, i) => [2 ** 20 - 1024 * i] as [number]);
  return (index) => {
    const shape = shapes[(index * 5) % shapes.length]!;
    tf.tidy(() => {
      const x = tf.fill(shape, 0.5);
      const loss = (x: tf.Tensor) => {
        let y = x;
        for (let layer = 0; layer < 8; layer++) y = tf.sin(tf.exp(y)); // each saves what its gradient takes
        return tf.mean(y);
      };
      const gradient = tf.grad(loss)(x);
      const [first, last] = [tf.slice(gradient, 0, 1), tf.slice(gradient, shape[0] - 1, 1)];
      const [a, b] = tf.concat([first, last]).dataSync();
      if (a !== b) throw new RangeError(`Equal values have gradients that differ: ${a} and ${b}.`);
    });
  };
}
