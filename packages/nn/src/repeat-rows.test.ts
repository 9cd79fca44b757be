import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { repeatRows } from './repeat-rows';

it('repeatRows gives each row the token, and the token the sum of their gradients', async () => {
  const token = tf.tensor3d([[[1, 2]]]);
  const weights = tf.tensor3d([[[1, 10]], [[2, 20]], [[3, 30]]]);
  expect(await repeatRows(token, 3).array()).toEqual([[[1, 2]], [[1, 2]], [[1, 2]]]);
  const gradient = tf.grad((x) => tf.sum(tf.mul(repeatRows(x as tf.Tensor3D, 3), weights)))(token);
  expect(await gradient.array()).toEqual([[[6, 60]]]);
});
