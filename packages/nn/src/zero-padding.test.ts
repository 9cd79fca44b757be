import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { describeOnEveryBackend } from './testing/every-backend';
import { zeroPadding } from './zero-padding';

describeOnEveryBackend('zeroPadding', () => {
  const mask = tf.tensor2d([
    [1, 0],
    [0, 1],
  ]);

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 1e30])(
    'makes %s at padded positions 0, forward and in the gradient',
    (garbage) => {
      const x = tf.tensor3d([1, 2, garbage, garbage, garbage, garbage, 3, 4], [2, 2, 2]);
      expect([...zeroPadding(x, mask).dataSync()]).toEqual([1, 2, 0, 0, 0, 0, 3, 4]);
      const gradient = tf.grad((x: tf.Tensor) => tf.square(zeroPadding(x, mask)))(x);
      expect([...gradient.dataSync()]).toEqual([2, 4, 0, 0, 0, 0, 6, 8]);
    },
  );

  it('keeps NaN in padding from the gradient of a weight that meets the cleaned features', () => {
    const x = tf.tensor3d([1, 2, Number.NaN, Number.NaN, Number.NaN, 5, 3, 4], [2, 2, 2]);
    const weight = tf.tensor2d([1, 0, 0, 1], [2, 2]);
    const gradient = tf.grad((weight: tf.Tensor) => tf.matMul(tf.reshape(zeroPadding(x, mask), [4, 2]), weight))(
      weight,
    );
    expect([...gradient.dataSync()]).toEqual([4, 4, 6, 6]);
  });

  it('cleans integer features and features of any rank', () => {
    const ids = tf.tensor2d([7, 8, 9, 10], [2, 2], 'int32');
    const cleaned = zeroPadding(ids, mask);
    expect(cleaned.dtype).toBe('int32');
    expect([...cleaned.dataSync()]).toEqual([7, 0, 0, 10]);
    expect(tf.sum(zeroPadding(tf.ones([2, 2, 3, 4]), mask)).dataSync()[0]).toBe(24);
  });
});

describe('zeroPadding', () => {
  it('says which mask it expects', () => {
    expect(() => zeroPadding(tf.ones<tf.Rank.R3>([2, 3, 4]), tf.ones([2, 4]))).toThrow(
      'zeroPadding mask: expected shape [2, 3], received [2, 4].',
    );
  });
});
