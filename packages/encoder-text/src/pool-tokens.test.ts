import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { poolTokens } from './pool-tokens';

const tokens = tf.tensor3d([
  [[1], [2], [4]],
  [[8], [16], [32]],
  [[64], [128], [256]],
  [[5], [6], [8]],
]);
const mask = tf.tensor2d([
  [1, 1, 0],
  [1, 1, 1],
  [0, 0, 0],
  [0, 1, 1],
]);

describe('poolTokens', () => {
  it.each([
    ['mean', [1.5, 56 / 3, 0, 7]],
    ['cls', [1, 8, 0, 6]],
    ['last', [2, 32, 0, 8]],
  ] as const)('takes the %s of the tokens that take part, 0 where none does', (pooling, expected) => {
    [...poolTokens(tokens, mask, pooling).dataSync()].forEach((value, row) =>
      expect(value).toBeCloseTo(expected[row], 5),
    );
  });
});
