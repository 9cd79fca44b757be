import * as tf from '@tensorflow/tfjs-core';

/** A gradient of another shape at every turn, so that every turn compiles a program; the sizes do not rise. */
export function manyShapes(): (index: number) => void {
  const inner = 24;
  return (index) => {
    const mixed = (index * 797) % 2000; // every number below 2000 once, in no order
    const [rows, columns] = [1 + (mixed % 50), 2 + Math.floor(mixed / 50)];
    tf.tidy(() => {
      const x = tf.fill([rows, inner], 1 / (index + 1)) as tf.Tensor2D;
      const weight = tf.randomNormal([inner, columns], 0, 1, 'float32', index + 1);
      const loss = (w: tf.Tensor) => tf.mean(tf.square(tf.softmax(tf.matMul(x, w as tf.Tensor2D))));
      const sum = tf.sum(tf.grad(loss)(weight)).dataSync()[0]!;
      if (Math.abs(sum) > 1e-4) throw new RangeError(`The gradient of a softmax sums up to 0, not to ${sum}.`);
    });
  };
}
