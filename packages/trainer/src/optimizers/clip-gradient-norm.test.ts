import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { clipGradientNorm } from './clip-gradient-norm';

describe('clipGradientNorm', () => {
  beforeAll(() => tf.setBackend('cpu'));

  const clip = (scale: number, maxNorm?: number) => {
    const gradients = [
      tf.tensor([2 * scale]),
      tf.tensor([
        [scale, 0],
        [0, 2 * scale],
      ]),
    ]; // norm 3 · scale
    const clipped = clipGradientNorm(gradients, maxNorm);
    return { norm: clipped.norm.dataSync()[0], values: clipped.gradients.flatMap((own) => [...own.dataSync()]) };
  };

  it('scales all gradients alike, down to the bound and never up', () => {
    expect(clip(2, 3).norm).toBeCloseTo(6, 6);
    clip(2, 3).values.forEach((value, i) => expect(value).toBeCloseTo([2, 1, 0, 0, 2][i], 5));
    expect(clip(0.5, 3).values).toEqual([1, 0.5, 0, 0, 1]);
  });

  it('adds 1e-6 to the norm that it divides by, as PyTorch does', () => {
    // norm 3e-6, bound 1e-6: the factor is 1 / 4, where it would be 1 / 3 without.
    expect(clip(1e-6, 1e-6).values[0]).toBeCloseTo(0.5e-6, 11);
  });

  it('tells the norm and changes nothing without a bound', () => {
    expect(clip(2)).toEqual({ norm: 6, values: [4, 2, 0, 0, 4] });
  });

  it('has norm 0 for no gradients, as PyTorch does', () => {
    const { gradients, norm } = clipGradientNorm([], 1);
    expect([gradients, norm.dataSync()[0]]).toEqual([[], 0]);
  });
});
