import { initialize, RandomKey } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { LayerNorm } from './layer-norm';
import { describeOnEveryBackend } from './testing/every-backend';
import { expectFiniteDifferences } from './testing/finite-differences';
import { describeParity } from './testing/parity';
import { seededTensor } from './testing/seeded-tensor';

describeParity<{ size: number; eps: number }, LayerNorm>('layer-norm', {
  create: ({ size, eps }) => new LayerNorm(size, eps),
  forward: (layer, { x }) => layer.forward(x),
});

describeOnEveryBackend('LayerNorm', () => {
  it('has the gradient that finite differences give', () => {
    const layer = new LayerNorm(5);
    expectFiniteDifferences(layer, [seededTensor([2, 5])], (x) => layer.forward(x));
  });

  it('gives mean 0 and variance 1 to begin with', () => {
    const layer = new LayerNorm(64);
    initialize(layer, RandomKey.from(0));
    const { mean, variance } = tf.moments(layer.forward(tf.add(tf.mul(seededTensor([3, 64]), 7), 100)), -1);
    for (const value of mean.dataSync()) expect(value).toBeCloseTo(0, 4);
    for (const value of variance.dataSync()) expect(value).toBeCloseTo(1, 4);
  });

  it('gives a constant row its bias', () => {
    const layer = new LayerNorm(3);
    initialize(layer, RandomKey.from(0));
    layer.bias.assignValues(Float32Array.of(1, 2, 3));
    expect([...layer.forward(tf.fill([1, 3], 5)).dataSync()]).toEqual([1, 2, 3]);
  });
});

describe('LayerNorm', () => {
  it('says which width it expects', () => {
    expect(() => new LayerNorm(4).forward(tf.zeros([2, 3]))).toThrow(
      'LayerNorm input: expected shape […, 4], received [2, 3].',
    );
  });

  it.each([0, -1e-5, Number.NaN])('refuses an eps of %s, which could divide by 0', (eps) => {
    expect(() => new LayerNorm(4, eps)).toThrow(`LayerNorm eps: expected a number above 0, received ${eps}.`);
  });
});
