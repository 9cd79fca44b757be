import { inferenceContext, Module, RandomKey, trainingContext } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { dropout } from './dropout';
import { describeOnEveryBackend } from './testing/every-backend';

class Owner extends Module {}

const owner = new Owner();
const training = (seed = 0) => trainingContext(RandomKey.from(seed), owner);

describeOnEveryBackend('dropout', () => {
  it('drops values at its rate, and scales the others so that the mean stays', () => {
    const y = dropout(tf.ones([100, 100]), 0.25, training(), owner).dataSync();
    const kept = y.filter((value) => value !== 0);
    expect(new Set(kept)).toEqual(new Set([Math.fround(1 / 0.75)]));
    // 4 standard deviations of the share of 10,000 draws: 4 · sqrt(0.25 · 0.75 / 10,000) = 0.017
    expect(Math.abs(kept.length / y.length - 0.75)).toBeLessThan(0.017);
  });

  it('lets the gradient through where it lets the value through', () => {
    const gradient = tf
      .grad((x: tf.Tensor) => dropout(x, 0.5, training(), owner))(tf.ones([50]))
      .dataSync();
    expect([...gradient]).toEqual([...dropout(tf.ones([50]), 0.5, training(), owner).dataSync()]);
  });

  it('draws the same values for the same key, and others for the next', () => {
    const run = (seed: number) => [...dropout(tf.ones([64]), 0.5, training(seed), owner).dataSync()];
    expect(run(1)).toEqual(run(1));
    expect(run(1)).not.toEqual(run(2));
    const context = training();
    const first = [...dropout(tf.ones([64]), 0.5, context, owner).dataSync()];
    expect([...dropout(tf.ones([64]), 0.5, context, owner).dataSync()]).not.toEqual(first);
  });
});

describe('dropout', () => {
  const x = tf.ones([3]);

  it('is its input in inference and at rate 0, without drawing a key', () => {
    expect(dropout(x, 0.5, inferenceContext(), owner)).toBe(x);
    const noKey = () => {
      throw new Error('a key was drawn');
    };
    expect(dropout(x, 0, { training: true, keyFor: noKey, drawFor: noKey }, owner)).toBe(x);
  });

  it.each([-0.1, 1, 2, Number.NaN])('refuses the rate %s', (rate) => {
    expect(() => dropout(x, rate, inferenceContext(), owner)).toThrow(
      `dropout rate: expected a rate in [0, 1), received ${rate}.`,
    );
  });
});
