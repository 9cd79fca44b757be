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

  it('rises and falls in one cycle as in PyTorch', () => {
    // torch 2.13: OneCycleLR(max_lr=2, total_steps=20, pct_start=0.3), of which the last is 2 / 25 / 1e4
    const expected = [
      ...[
        0.08, 0.2633436854, 0.7433436854, 1.3366563146, 1.8166563146, 2, 1.9749280125, 1.900969264, 1.7818323551,
        1.6234913079,
      ],
      ...[
        1.4338860036, 1.2225240439, 1.000004, 0.7774839561, 0.5661219964, 0.3765166921, 0.2181756449, 0.099038736,
        0.0250799875, 8e-6,
      ],
    ];
    const cycle = { name: 'one-cycle', warmupSteps: 6, totalSteps: 20, minLearningRate: 2 / 25e4 } as const;
    expected.forEach((rate, step) => expect(learningRateAt(step, 2, cycle)).toBeCloseTo(rate, 8));
  });

  it('stays until the cooldown, and falls as in transformers', () => {
    // transformers 5.24: get_wsd_schedule of 20 steps, 5 of them decay, decay_type='1-sqrt', min_lr_ratio=0.05, full rate 2
    const expected = [2, 2, 2, 1.1502941686, 0.7983344891, 0.5282663284, 0.3005883371, 0.1];
    const wsd = { ...schedule, name: 'wsd', cooldownSteps: 5 } as const;
    expected.forEach((rate, index) => expect(learningRateAt(13 + index, 2, wsd)).toBeCloseTo(rate, 8));
    expect([0, 3, 4].map((step) => learningRateAt(step, 2, wsd))).toEqual([0.5, 2, 2]);
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
