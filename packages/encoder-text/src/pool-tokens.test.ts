import { compile } from '@polymodal/backend-onnx';
import { useBackend } from '@polymodal/core';
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
    ['max', [2, 32, 0, 8]],
    ['meanSqrtLen', [3 / Math.SQRT2, 56 / Math.sqrt(3), 0, 14 / Math.SQRT2]],
    ['weightedMean', [5 / 3, 136 / 6, 0, 22 / 3]],
  ] as const)('takes the %s of the tokens that take part, 0 where none does', (pooling, expected) => {
    [...poolTokens(tokens, mask, pooling).dataSync()].forEach((value, row) =>
      expect(value).toBeCloseTo(expected[row], 5),
    );
  });

  it.each(['mean', 'cls', 'last', 'max'] as const)('takes the %s in one program for all lengths', async (pooling) => {
    await useBackend('onnx');
    const pool = (inputs: tf.NamedTensorMap) =>
      poolTokens(inputs.tokens as tf.Tensor3D, inputs.mask as tf.Tensor2D, pooling);
    const run = compile(pool, { dynamicAxes: { tokens: { 1: 'length' }, mask: { 1: 'length' } } });
    for (const length of [7, 12, 3]) {
      const mask = tf.tensor2d([Array.from({ length }, (_, i) => Number(i > 0)), new Array(length).fill(1)]);
      const inputs = { tokens: tf.reshape(tf.mul(tf.range(1, 2 * length + 1), 0.5), [2, length, 1]), mask };
      expect([...run(inputs).dataSync()]).toEqual([...pool(inputs).dataSync()]);
    }
    expect(run.statistics().compilations).toBe(1);
    run.dispose();
    await useBackend('cpu');
  });
});
