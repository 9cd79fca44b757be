import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { binaryCrossEntropy } from './binary-cross-entropy';
import { classProbabilities, focalCrossEntropy, weightedCrossEntropy } from './cross-entropy';
import { estimationLoss, quantileLoss } from './estimation-loss';
import { fixture } from './testing/fixture';

const classes = tf.cast(fixture<tf.Rank.R1>('classes'), 'int32');
const weights = tf.tensor1d([0.5, 2, 1, 3]);
/** Of the rows' classes together, by which PyTorch divides. */
const weightOfAll = 3 + 0.5 + 0.5 + 1 + 2;
const labels = fixture<tf.Rank.R2>('labels');
const truth = fixture<tf.Rank.R1>('truth');
const sum = (x: tf.Tensor) => tf.sum(x) as tf.Scalar;

describe('losses are those of PyTorch, with their gradients', () => {
  const cases: Record<string, readonly [given: string, loss: (x: never) => tf.Scalar]> = {
    'weighted.0.0': [
      'logits',
      (x) => tf.div(weightedCrossEntropy(x, classProbabilities(classes, 4, 0), weights), weightOfAll),
    ],
    'weighted.0.1': [
      'logits',
      (x) => tf.div(weightedCrossEntropy(x, classProbabilities(classes, 4, 0.1), weights), weightOfAll),
    ],
    focal: ['logits', (x) => focalCrossEntropy(x, classProbabilities(classes, 4, 0), 2, weights)],
    'labels.weighted': [
      'label_logits',
      (x) => sum(binaryCrossEntropy(x, labels, { positiveWeights: tf.tensor1d([2, 1, 0.5]) })),
    ],
    'labels.focal': ['label_logits', (x) => sum(binaryCrossEntropy(x, labels, { focalGamma: 2 }))],
    mse: ['estimates', (x) => estimationLoss(x, truth, 'mse', 1)],
    mae: ['estimates', (x) => estimationLoss(x, truth, 'mae', 1)],
    huber: ['estimates', (x) => estimationLoss(x, truth, 'huber', 0.7)],
    pinball: ['quantiles', (x) => quantileLoss(x, truth, [0.1, 0.5, 0.9])],
  };

  it.each(Object.entries(cases))('%s', (name, [given, loss]) => {
    const { value, grad } = tf.valueAndGrad(loss as (x: tf.Tensor) => tf.Scalar)(fixture(given));
    expect(value.dataSync()[0]).toBeCloseTo(fixture(`${name}.loss`).dataSync()[0], 5);
    const expected = fixture(`${name}.gradient`).dataSync();
    grad.dataSync().forEach((own, index) => expect(own).toBeCloseTo(expected[index], 5));
  });

  it('stay finite with their gradients where answers are certain', () => {
    const certain = tf.tensor2d([[200, -200]]);
    for (const loss of [
      (x: tf.Tensor) => focalCrossEntropy(x as tf.Tensor2D, tf.tensor2d([[1, 0]]), 2),
      (x: tf.Tensor) => sum(binaryCrossEntropy(x as tf.Tensor2D, tf.tensor2d([[1, 1]]), { focalGamma: 2 })),
    ]) {
      const { value, grad } = tf.valueAndGrad(loss)(certain);
      expect([...value.dataSync(), ...grad.dataSync()].every(Number.isFinite)).toBe(true);
    }
  });
});
