import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { takeRows } from './take-rows';
import { describeOnEveryBackend } from './testing/every-backend';

describeOnEveryBackend('takeRows', () => {
  const values = tf.tensor2d([
    [1, 2],
    [Number.NaN, 4],
    [5, 6],
  ]);

  it('gives rows in their order, and nothing of others', () => {
    expect(takeRows(values, Int32Array.of(0, 2)).arraySync()).toEqual([
      [1, 2],
      [5, 6],
    ]);
    expect(takeRows(values, Int32Array.of(0, 1, 2))).toBe(values);
  });

  it('hands the gradient of each row back to its place, and 0 to others', () => {
    const weights = tf.tensor2d([
      [1, 2],
      [3, 4],
    ]);
    const gradient = tf.grad((x) => tf.sum(tf.mul(takeRows(x, Int32Array.of(0, 2)), weights)))(values);
    expect(gradient.arraySync()).toEqual([
      [1, 2],
      [0, 0],
      [3, 4],
    ]);
  });
});
