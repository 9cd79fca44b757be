import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { RmsNorm } from './rms-norm';
import { describeOnEveryBackend } from './testing/every-backend';
import { expectFiniteDifferences } from './testing/finite-differences';
import { describeParity } from './testing/parity';
import { seededTensor } from './testing/seeded-tensor';

describeParity<{ size: number; eps: number }, RmsNorm>('rms-norm', {
  create: ({ size, eps }) => new RmsNorm(size, eps),
  forward: (layer, { x }) => layer.forward(x),
});

describeOnEveryBackend('RmsNorm', () => {
  it('has the gradient that finite differences give', () => {
    const layer = new RmsNorm(5);
    expectFiniteDifferences(layer, [seededTensor([2, 5])], (x) => layer.forward(x));
  });
});

describe('RmsNorm', () => {
  it('says which width it expects', () => {
    expect(() => new RmsNorm(4).forward(tf.zeros([2, 3]))).toThrow(
      'RmsNorm input: expected shape […, 4], received [2, 3].',
    );
  });

  it.each([0, -1, Number.NaN])('refuses an eps of %s, which could divide by 0', (eps) => {
    expect(() => new RmsNorm(4, eps)).toThrow(`RmsNorm eps: expected a number above 0, received ${eps}.`);
  });
});
