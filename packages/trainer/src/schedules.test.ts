import { ConfigError } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { learningRateAt } from './schedules';

const schedule = { name: 'cosine', warmupSteps: 4, totalSteps: 20, minLearningRate: 0.1 } as const;

describe('learningRateAt', () => {
  it('rises linearly to the full rate in the last step of the warm-up', () => {
    expect([0, 1, 2, 3].map((step) => learningRateAt(step, 1, schedule))).toEqual([0.25, 0.5, 0.75, 1]);
  });

  it('follows half a cosine: full at its begin, the mean in its middle, the minimum at its end', () => {
    const rates = [4, 8, 12, 16, 20].map((step) => learningRateAt(step, 1, schedule));
    const r = Math.SQRT1_2; // cos 45°
    [1, 0.1 + (0.9 * (1 + r)) / 2, 0.55, 0.1 + (0.9 * (1 - r)) / 2, 0.1].forEach((expected, i) =>
      expect(rates[i]).toBeCloseTo(expected, 12),
    );
  });

  it('falls along a line, or not at all', () => {
    expect(learningRateAt(12, 1, { ...schedule, name: 'linear' })).toBeCloseTo(0.55, 12);
    expect(learningRateAt(19, 1, { ...schedule, name: 'constant' })).toBe(1);
  });

  it('stays at the minimum beyond the end, and is defined where the warm-up is all there is', () => {
    expect(learningRateAt(30, 1, schedule)).toBeCloseTo(0.1, 12);
    expect(learningRateAt(4, 1, { ...schedule, totalSteps: 4 })).toBe(1);
  });

  it('refuses a schedule that it cannot follow', () => {
    const refused = (changes: object) => () => learningRateAt(1, 1, { ...schedule, ...changes } as never);
    expect(refused({ name: 'cosin' })).toThrow(ConfigError);
    expect(refused({ totalsteps: 5 })).toThrow(/"totalSteps"/);
    expect(refused({ warmupSteps: Number.NaN })).toThrow(/schedule\.warmupSteps/);
    expect(() => learningRateAt(Number.NaN, 1, schedule)).toThrow(ConfigError);
  });
});
