import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { describeOnEveryBackend } from '../testing/every-backend';
import { expectClose } from '../testing/expect-close';
import { expectSameGradients } from '../testing/expect-same-gradients';
import { seededTensor } from '../testing/seeded-tensor';
import { softmaxCrossEntropy } from './softmax-cross-entropy';
import { sparseSoftmaxCrossEntropy } from './sparse-softmax-cross-entropy';

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

describeOnEveryBackend('sparseSoftmaxCrossEntropy', () => {
  it('is what a loop over the rows gives, and its gradient too', () => {
    const [rows, classes] = [6, 5];
    const logits = seededTensor([2, 3, classes]);
    const ids = Int32Array.of(4, 0, 1, 1, 3, 2);
    const weights = Float32Array.of(1, -2, 0, 0.5, 3, 1);
    const values = logits.dataSync();
    const [loss, gradient] = [new Float64Array(rows), new Float64Array(rows * classes)];
    for (let row = 0; row < rows; row++) {
      const exponentials = Array.from({ length: classes }, (_, k) => Math.exp(values[row * classes + k]));
      const sum = exponentials.reduce((all, one) => all + one, 0);
      loss[row] = -Math.log(exponentials[ids[row]] / sum);
      exponentials.forEach((one, k) => {
        gradient[row * classes + k] = weights[row] * (one / sum - (k === ids[row] ? 1 : 0));
      });
    }
    const f = (x: tf.Tensor) => sparseSoftmaxCrossEntropy(x, tf.tensor2d(ids, [2, 3], 'int32'));
    expectClose(f(logits).dataSync(), loss, 1e-6);
    expectClose(
      tf
        .grad(f)(logits, tf.tensor2d(weights, [2, 3]))
        .dataSync(),
      gradient,
      1e-6,
    );
  });

  it('is what PyTorch computes', () => {
    const logits = tf.tensor2d([1.5, -0.5, 2, 0.25, -3, 0.75], [2, 3]);
    const f = (x: tf.Tensor) => tf.mean(sparseSoftmaxCrossEntropy(x, tf.tensor1d([2, 1], 'int32')));
    // torch.nn.functional.cross_entropy in float64, and its gradient
    expectClose(f(logits).dataSync(), [2.3812593836], 1e-6);
    expectClose(
      tf.grad(f)(logits).dataSync(),
      [0.1795940529, 0.024305412, -0.2038994649, 0.1860468246, -0.4927861818, 0.3067393571],
      1e-6,
    );
  });

  it('stays exact for huge logits', () => {
    const logits = tf.tensor2d([[1e4, -1e4]]);
    const f = (x: tf.Tensor) => sparseSoftmaxCrossEntropy(x, tf.tensor1d([1], 'int32'));
    expect([...f(logits).dataSync()]).toEqual([2e4]);
    expect([...tf.grad(f)(logits).dataSync()]).toEqual([1, -1]);
  });
});
