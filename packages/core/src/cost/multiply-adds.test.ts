import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { StateError } from '../errors';
import { multiplyAddsOf } from './multiply-adds';

beforeAll(() => tf.ready());

describe('multiplyAddsOf', () => {
  it.each([
    ['(2, 3) · (3, 5)', () => tf.matMul(tf.ones([2, 3]), tf.ones([3, 5])), 2 * 3 * 5],
    ['transposed on the left', () => tf.matMul(tf.ones([3, 2]), tf.ones([3, 5]), true), 2 * 3 * 5],
    ['transposed on the right', () => tf.matMul(tf.ones([2, 3]), tf.ones([5, 3]), false, true), 2 * 3 * 5],
    ['square, transposed', () => tf.matMul(tf.ones([3, 3]), tf.ones([3, 5]), true), 3 * 3 * 5],
    ['batched, one side broadcast', () => tf.matMul(tf.ones([4, 2, 3]), tf.ones([1, 3, 5])), 4 * 2 * 3 * 5],
    ['fused', () => tf.fused.matMul({ a: tf.ones([2, 3]), b: tf.ones([3, 5]), bias: tf.ones([5]) }), 2 * 3 * 5],
    // each of 3 × 2 × 7 outputs sees 3 × 3 × 4 inputs
    [
      'a convolution',
      () => tf.conv2d(tf.ones<tf.Rank.R3>([5, 4, 4]), tf.ones<tf.Rank.R4>([3, 3, 4, 7]), 1, 'valid'),
      3 * 2 * 7 * 36,
    ],
    [
      'a convolution along one axis',
      () => tf.conv1d(tf.ones<tf.Rank.R2>([9, 4]), tf.ones<tf.Rank.R3>([3, 4, 7]), 2, 'valid'),
      4 * 7 * 12,
    ],
    [
      'a convolution of each channel',
      () => tf.depthwiseConv2d(tf.ones<tf.Rank.R3>([5, 4, 4]), tf.ones<tf.Rank.R4>([3, 3, 4, 2]), 1, 'valid'),
      3 * 2 * 8 * 9,
    ],
    ['no product', () => tf.softmax(tf.mul(tf.ones([2, 3]), tf.ones([2, 3]))), 0],
  ])('counts %s', async (_, run, expected) => {
    expect(await multiplyAddsOf(run)).toBe(expected);
  });

  it('counts all that a function does, and leaves nothing behind', async () => {
    const before = tf.memory().numTensors;
    const twice = () => {
      const x = tf.matMul(tf.ones([2, 3]), tf.ones([3, 5]));
      return tf.matMul(x, tf.ones([5, 1]));
    };
    expect(await multiplyAddsOf(twice)).toBe(2 * 3 * 5 + 2 * 5);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses a product that it does not know', async () => {
    const gradient = () =>
      tf.grad((x) => tf.conv2d(x as tf.Tensor3D, tf.ones<tf.Rank.R4>([3, 3, 1, 1]), 1, 'valid'))(tf.ones([5, 5, 1]));
    await expect(multiplyAddsOf(gradient)).rejects.toThrow(StateError);
  });
});
