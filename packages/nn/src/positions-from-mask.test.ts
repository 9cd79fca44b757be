import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { positionsFromMask } from './positions-from-mask';

it('counts the tokens that take part, wherever padding stands', () => {
  const positions = positionsFromMask(
    tf.tensor2d([
      [1, 1, 1, 0],
      [0, 0, 1, 1],
      [0, 1, 0, 1],
      [0, 0, 0, 0],
    ]),
  );
  expect(positions.dtype).toBe('int32');
  expect(positions.arraySync()).toEqual([
    [0, 1, 2, 2],
    [0, 0, 0, 1],
    [0, 0, 0, 1],
    [0, 0, 0, 0],
  ]);
});
