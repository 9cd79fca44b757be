import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { classProbabilities, crossEntropy } from './cross-entropy';
import { fixture } from './testing/fixture';

const classes = tf.cast(fixture<tf.Rank.R1>('classes'), 'int32');
const rows = classes.size;

describe('crossEntropy', () => {
  it.each([0, 0.1])('is that of PyTorch, with label smoothing %d', (smoothing) => {
    const expected = fixture(`cross_entropy.${smoothing.toFixed(1)}`).dataSync()[0];
    const actual = crossEntropy(fixture('logits'), classProbabilities(classes, 4, smoothing));
    expect(actual.shape).toEqual([]);
    expect(actual.dataSync()[0] / rows).toBeCloseTo(expected, 5); // PyTorch's is the mean
  });

  it('has the gradient softmax − q', () => {
    const logits = fixture<tf.Rank.R2>('logits');
    const q = classProbabilities(classes, 4, 0.1);
    const gradient = tf.grad((x: tf.Tensor) => crossEntropy(x as tf.Tensor2D, q))(logits);
    const expected = tf.sub(tf.softmax(logits), q).dataSync();
    gradient.dataSync().forEach((value, index) => expect(value).toBeCloseTo(expected[index], 6));
  });

  it('stays finite for huge logits', () => {
    const loss = crossEntropy(tf.tensor2d([[1e4, -1e4]]), classProbabilities(tf.tensor1d([1], 'int32'), 2, 0));
    expect(loss.dataSync()[0]).toBe(2e4);
  });
});
