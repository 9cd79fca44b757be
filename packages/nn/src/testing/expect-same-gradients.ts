import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { expectClose } from './expect-close';
import { seededTensor } from './seeded-tensor';

/** Both sides are float32: a few sums of some ten terms of order 1, in another order. */
const tolerance = 1e-5;

/**
 * Expects a function with a gradient of its own to agree with a reference whose gradient TensorFlow.js composes: the
 * value, and the gradient of each input for a random cotangent.
 */
export function expectSameGradients(
  inputs: readonly tf.Tensor[],
  actual: (...inputs: tf.Tensor[]) => tf.Tensor,
  reference: (...inputs: tf.Tensor[]) => tf.Tensor,
): void {
  tf.tidy(() => {
    const expected = reference(...inputs);
    const value = actual(...inputs);
    expect(value.shape).toEqual(expected.shape);
    expectClose(value.dataSync(), expected.dataSync(), tolerance);
    const cotangent = seededTensor(expected.shape, 9);
    const ours = tf.grads(actual)([...inputs], cotangent);
    const theirs = tf.grads(reference)([...inputs], cotangent);
    ours.forEach((gradient, index) => {
      expect(gradient.shape).toEqual(inputs[index].shape);
      expectClose(gradient.dataSync(), theirs[index].dataSync(), tolerance);
    });
  });
}
