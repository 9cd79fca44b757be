import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { contrastiveLoss, pairwiseLoss } from './contrastive-loss';
import { fixture } from './testing/fixture';

const image = fixture<tf.Rank.R2>('image');
const text = fixture<tf.Rank.R2>('text');
const logitScale = fixture<tf.Rank.R0>('logit_scale');
const groups = Array.from(fixture('groups').dataSync());
/** 1 where two rows are of one group. */
const matchesOf = (own: readonly number[]) => tf.tensor2d(own.map((a) => own.map((b) => (a === b ? 1 : 0))));
/** The mean over the rows, as PyTorch has it. */
const meanLoss = (a: tf.Tensor2D, b: tf.Tensor2D, scale: tf.Scalar, own?: readonly number[]) => {
  const logits = tf.mul<tf.Tensor2D>(tf.matMul(a, b, false, true), scale);
  return tf.div<tf.Scalar>(contrastiveLoss(logits, tf.transpose(logits), own && matchesOf(own)), a.shape[0]);
};

describe('contrastiveLoss', () => {
  it.each([
    ['clip', 'the loss of CLIP', undefined],
    ['grouped', 'a cross-entropy with soft targets in PyTorch where rows share a group', groups],
  ])('%s: is %s, with its gradients', (name, _, groups) => {
    const loss = (a: tf.Tensor, b: tf.Tensor, scale: tf.Tensor) =>
      meanLoss(unit(a), unit(b), tf.exp(scale) as tf.Scalar, groups);
    expect(loss(image, text, logitScale).dataSync()[0]).toBeCloseTo(fixture(`${name}.loss`).dataSync()[0], 5);
    const gradients = tf.grads(loss)([image, text, logitScale]);
    ['image', 'text', 'logit_scale'].forEach((input, index) => {
      const expected = fixture(`${name}.gradient.${input}`).dataSync();
      gradients[index].dataSync().forEach((value, i) => expect(value).toBeCloseTo(expected[i], 5));
    });
  });

  it('is log n where nothing tells the rows apart', () => {
    const same = tf.ones<tf.Rank.R2>([5, 3]);
    expect(meanLoss(same, same, tf.scalar(10)).dataSync()[0]).toBeCloseTo(Math.log(5), 5);
  });

  it('vanishes for perfect matches at a low temperature', () => {
    const rows = tf.eye(4);
    expect(meanLoss(rows, rows, tf.scalar(100)).dataSync()[0]).toBeLessThan(1e-6);
  });

  it('does not push rows of one group apart', () => {
    const rows = tf.tensor2d([
      [1, 0],
      [1, 0],
      [0, 1],
    ]);
    const pull = (groups?: number[]) =>
      tf.grad((x: tf.Tensor) => meanLoss(x as tf.Tensor2D, rows, tf.scalar(10), groups))(rows);
    expect(Math.abs(pull([0, 0, 1]).dataSync()[0])).toBeLessThan(1e-3);
    expect(meanLoss(rows, rows, tf.scalar(10), [0, 0, 1]).dataSync()[0]).toBeCloseTo((2 / 3) * Math.log(2), 3);
  });
});

describe('with logits that are given', () => {
  const logits = tf.tensor2d([
    [2, -1],
    [0.5, 3],
  ]);
  const logistic = (x: number) => Math.log1p(Math.exp(-x));

  it('each side chooses by its own', () => {
    const ofB = tf.mul<tf.Tensor2D>(tf.transpose(logits), 2);
    const rows = logistic(2 - -1) + logistic(3 - 0.5);
    const columns = logistic(2 * (2 - 0.5)) + logistic(2 * (3 - -1));
    expect(contrastiveLoss(logits, ofB).dataSync()[0]).toBeCloseTo((rows + columns) / 2, 6);
  });

  it('pairs are judged each by itself, several for a row where they match', () => {
    const pairs = logistic(2) + logistic(1) + logistic(-0.5) + logistic(3);
    expect(pairwiseLoss(logits).dataSync()[0]).toBeCloseTo(pairs, 6);
    const all = logistic(2) + logistic(-1) + logistic(0.5) + logistic(3);
    expect(pairwiseLoss(logits, tf.ones([2, 2])).dataSync()[0]).toBeCloseTo(all, 6);
  });
});

function unit(x: tf.Tensor): tf.Tensor2D {
  return tf.div(x, tf.norm(x, 'euclidean', 1, true)) as tf.Tensor2D;
}
