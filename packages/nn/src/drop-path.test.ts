import { inferenceContext, Module, RandomKey, trainingContext } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { dropPath } from './drop-path';
import { describeOnEveryBackend } from './testing/every-backend';

class Owner extends Module {}

const owner = new Owner();

describeOnEveryBackend('dropPath', () => {
  it('drops whole rows at its rate, and scales the others', () => {
    const rows = dropPath(
      tf.ones<tf.Rank.R2>([2000, 3]),
      0.25,
      trainingContext(RandomKey.from(0), owner),
      owner,
    ).arraySync();
    const scaled = Math.fround(1 / 0.75);
    for (const row of rows) expect(row).toEqual(row[0] === 0 ? [0, 0, 0] : [scaled, scaled, scaled]);
    // 4 standard deviations of the share of 2,000 draws: 4 · sqrt(0.25 · 0.75 / 2,000) = 0.039
    expect(Math.abs(rows.filter((row) => row[0] !== 0).length / rows.length - 0.75)).toBeLessThan(0.039);
  });
});

describe('dropPath', () => {
  const x = tf.ones([3, 2]);

  it('is its input in inference and at rate 0', () => {
    expect(dropPath(x, 0.5, inferenceContext(), owner)).toBe(x);
    expect(dropPath(x, 0, trainingContext(RandomKey.from(0), owner), owner)).toBe(x);
  });

  it('refuses a negative rate', () => {
    expect(() => dropPath(x, -1, inferenceContext(), owner)).toThrow(
      'dropPath rate: expected a rate in [0, 1), received -1.',
    );
  });
});
