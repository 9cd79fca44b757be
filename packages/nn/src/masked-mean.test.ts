import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { maskedMean } from './masked-mean';
import { describeOnEveryBackend } from './testing/every-backend';

describeOnEveryBackend('maskedMean', () => {
  const mask = tf.tensor2d([
    [1, 1, 0],
    [0, 0, 0],
  ]);
  const tokens = tf.tensor3d([1, 2, 3, 6, 1e30, -1e30, 7, 8, 9, 10, 11, 12], [2, 3, 2]);

  it('is the mean of the tokens that take part, and exactly 0 where none does', () => {
    expect(maskedMean(tokens, mask).arraySync()).toEqual([
      [2, 4],
      [0, 0],
    ]);
  });

  it('spreads its gradient over the tokens that take part', () => {
    const gradient = tf.grad((x: tf.Tensor) => maskedMean(x as tf.Tensor3D, mask))(tokens);
    expect([...gradient.dataSync()]).toEqual([0.5, 0.5, 0.5, 0.5, 0, 0, 0, 0, 0, 0, 0, 0]);
  });
});

describe('maskedMean', () => {
  it('says which mask it expects', () => {
    expect(() => maskedMean(tf.ones([2, 3, 4]), tf.ones([2, 2]))).toThrow(
      'maskedMean mask: expected shape [2, 3], received [2, 2].',
    );
  });
});
