import { inferenceContext, initialize, RandomKey } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { ClassProcessor } from './class-target';
import { OrdinalHead } from './ordinal-head';
import { fixture } from './testing/fixture';
import { fusedRows, randomVectors } from './testing/fused-rows';
import { answersOf, lossOf, targetBatch } from './testing/run-head';

function create(count: number, weights?: readonly number[]) {
  const grades = new ClassProcessor(
    Array.from({ length: count }, (_, index) => `grade ${index}`),
    weights,
  );
  const head = new OrdinalHead({ hiddenSize: 4, hiddenSizes: [], dropout: 0, grades });
  initialize(head, RandomKey.from(1));
  return { head, grades };
}

describe('OrdinalHead', () => {
  it('has the loss of CORAL, as coral_pytorch has it, with its gradient', () => {
    const { head, grades } = create(4);
    const classes = [...fixture('classes').dataSync()];
    const wanted = targetBatch(grades, classes);
    const input = fusedRows(randomVectors(5, 4, 2));
    const { value, grad } = tf.valueAndGrad((x: tf.Tensor) => lossOf(head, x as tf.Tensor2D, wanted, input)!)(
      fixture('rank_logits'),
    );
    expect(value.dataSync()[0]).toBeCloseTo(fixture('coral.loss').dataSync()[0], 5);
    const expected = fixture('coral.gradient').dataSync();
    grad.dataSync().forEach((own, index) => expect(own).toBeCloseTo(expected[index], 5));
  });

  it('begins with all grades equally probable, and keeps their order whatever it learns', () => {
    const { head } = create(5);
    const input = fusedRows(randomVectors(6, 4, 2));
    head.ranker.weight.assign(tf.zeros([1, 4]));
    for (const probability of answersOf(head, input)[0].probabilities) expect(probability).toBeCloseTo(0.2, 6);
    head.steps.assign(tf.tensor1d([0.3, -2, 5, -9]));
    head.ranker.weight.assign(tf.tensor2d([[3, -2, 1, 4]]));
    for (const logits of head.forward(input, inferenceContext()).arraySync()) {
      expect([...logits].sort((a, b) => b - a)).toEqual(logits);
    }
    for (const { index, label, probabilities } of answersOf(head, input)) {
      expect(probabilities.reduce((sum, own) => sum + own, 0)).toBeCloseTo(1, 9);
      expect(label).toBe(`grade ${index}`);
      const below = probabilities.slice(0, index).reduce((sum, own) => sum + own, 0);
      expect(below).toBeLessThan(0.5); // the median
      expect(below + probabilities[index]).toBeGreaterThanOrEqual(0.5 - 1e-9);
    }
  });

  it('weighs rows as their grades', () => {
    const { head, grades } = create(2, [1, 3]);
    const wanted = targetBatch(grades, [0, 1]);
    const loss = lossOf(head, tf.tensor2d([[1], [-1]]), wanted, fusedRows(randomVectors(2, 4, 2)));
    expect(loss!.dataSync()[0]).toBeCloseTo(Math.log1p(Math.E), 5); // both (1 + 3) of 4
    expect(head.loss(wanted).coral.count).toBe(4);
  });
});
