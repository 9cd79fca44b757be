import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { describeOnEveryBackend } from '../testing/every-backend';
import { expectSameGradients } from '../testing/expect-same-gradients';
import { seededTensor } from '../testing/seeded-tensor';
import { softmaxCrossEntropy } from './softmax-cross-entropy';

describeOnEveryBackend('softmaxCrossEntropy', () => {
  it.each([{ shape: [3, 4] }, { shape: [2, 3, 4] }])('is −Σ q log p of each row of $shape', ({ shape }) => {
    const labels = tf.softmax(seededTensor(shape, 1));
    expectSameGradients(
      [seededTensor(shape)],
      (logits) => softmaxCrossEntropy(logits, labels),
      (logits) => tf.neg(tf.sum(tf.mul(labels, tf.log(tf.softmax(logits))), -1)),
    );
  });

  it('stays exact for huge logits', () => {
    const loss = softmaxCrossEntropy(tf.tensor2d([[1e4, -1e4]]), tf.tensor2d([[0, 1]]));
    expect([...loss.dataSync()]).toEqual([2e4]);
  });
});
