import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';

it.each([1, [2], 2, [1, 1]])('splits along the last axis into %j with the gradient of a slice', (pieces) => {
  const weights = tf.tensor2d([1, 2, 3, 4], [2, 2]);
  const gradient = tf.grad((x: tf.Tensor) => tf.sum(tf.mul(tf.split(x, pieces, -1).at(-1)!, 3)))(weights);
  const isOne = [pieces].flat().length === 1 && pieces !== 2;
  expect(gradient.arraySync()).toEqual(
    isOne
      ? [
          [3, 3],
          [3, 3],
        ]
      : [
          [0, 3],
          [0, 3],
        ],
  );
});
