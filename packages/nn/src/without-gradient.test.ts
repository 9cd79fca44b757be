import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { withoutGradient } from './without-gradient';

describe('withoutGradient', () => {
  beforeAll(() => tf.setBackend('cpu'));

  it('gives numbers that no gradient flows through, and leaves those outside alone', () => {
    const gradient = tf.grad((x) =>
      tf.sum(
        tf.mul(
          x,
          withoutGradient(() => tf.square(x)),
        ),
      ),
    )(tf.tensor1d([2, 3]));
    expect([...gradient.dataSync()]).toEqual([4, 9]); // of x³ it were 12 and 27
  });

  it('lets gradients be taken after an error in it', () => {
    const failing = () => {
      throw new Error('inside');
    };
    expect(() => tf.grad((x) => withoutGradient(failing) ?? x)(tf.scalar(1))).toThrow('inside');
    expect(
      tf
        .grad((x) => tf.square(x))(tf.scalar(3))
        .dataSync()[0],
    ).toBe(6);
  });
});
