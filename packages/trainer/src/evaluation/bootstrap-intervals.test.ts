import { RandomKey } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { bootstrapIntervals } from './bootstrap-intervals';

const numbers = Array.from(RandomKey.from(3).normal(400), (value) => 5 + 2 * value);
const meanOf = (rows: readonly number[]) => rows.reduce((sum, row) => sum + numbers[row], 0) / rows.length;

describe('bootstrapIntervals', () => {
  it('lies where the normal distribution has the interval of a mean', () => {
    const all = [...numbers.keys()];
    const mean = meanOf(all);
    const deviation = Math.sqrt(numbers.reduce((sum, value) => sum + (value - mean) ** 2, 0) / numbers.length);
    const half = (1.96 * deviation) / Math.sqrt(numbers.length);
    const { figure } = bootstrapIntervals(numbers.length, 500, (rows) => ({ figure: meanOf(rows) }));
    // A quantile of 500 draws is uncertain by about 12 % of a deviation of the mean, 6 % of the half width: here 4 of these.
    expect(Math.abs(figure.low - (mean - half))).toBeLessThan(0.25 * half);
    expect(Math.abs(figure.high - (mean + half))).toBeLessThan(0.25 * half);
    expect(bootstrapIntervals(numbers.length, 500, (rows) => ({ figure: meanOf(rows) })).figure).toEqual(figure);
  });

  it('has no bounds of a figure that most draws lack', () => {
    const hardlyEver = (rows: readonly number[]): Record<string, number> =>
      rows.filter((row) => row === 0).length > 2 ? { rare: 1 } : {};
    const rare = bootstrapIntervals(10, 50, hardlyEver);
    expect(rare).toEqual({});
  });
});
