import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { normalScore, QuantileLearning } from './quantile-scale';

const path = new URL('../../fixtures/quantiles.json', import.meta.url);
const { values, asked, scores } = JSON.parse(readFileSync(path, 'utf8')) as Record<string, number[]>;

function learned(numbers: readonly number[]) {
  const learning = new QuantileLearning();
  for (const number of numbers) learning.add(number);
  return learning.end()!;
}

describe('normalScore', () => {
  it("is that of scikit-learn's QuantileTransformer, among ties, between values and beyond them", () => {
    const quantiles = learned(values);
    asked.forEach((value, index) => expect(normalScore(value, quantiles)).toBeCloseTo(scores[index], 9));
  });

  it('is 0 where nothing varies', () => {
    for (const numbers of [[7], [7, 7, 7]]) {
      for (const value of [-1, 7, 9]) expect(normalScore(value, learned(numbers))).toBe(0);
    }
  });

  it('goes by a sample of bounded size of many values, the same each time', () => {
    const many = Array.from({ length: 150_000 }, (_, index) => index);
    const { quantiles } = learned(many);
    expect(quantiles).toEqual(learned(many).quantiles);
    expect(quantiles.length).toBe(1000);
    quantiles.forEach((quantile, step) => {
      expect(Math.abs(quantile / 150_000 - step / 999)).toBeLessThan(0.01); // 4 deviations of a share of 100,000 are 0.006
    });
  });
});
