import { RandomKey } from '@polymodal/core';
import { expect, it } from 'vitest';
import { drawWeighted } from './draw-weighted';

it('draws each item, and each run of items, as often as their weights ask for, rounded down or up, whatever they are', () => {
  for (let seed = 0; seed < 200; seed++) {
    const key = RandomKey.from(seed);
    const size = key.fold('size').integer(1, 40);
    const weights = Array.from(key.fold('weights').normal(size), (value) => Math.exp(2 * value));
    const count = key.fold('count').integer(1, 100);
    const counts = drawWeighted(weights, count, key.fold('offset').uniform(1)[0]);
    const sum = (own: readonly number[]) => own.reduce((total, value) => total + value, 0);
    expect(sum(counts)).toBe(count);
    for (let start = 0; start < size; start += 3) {
      for (let end = start + 1; end <= size; end += 5) {
        const asked = (sum(weights.slice(start, end)) / sum(weights)) * count;
        expect(Math.abs(sum(counts.slice(start, end)) - asked)).toBeLessThan(1 + 1e-9);
      }
    }
  }
});

it('draws each item with the probability of its share: over all offsets the mean is exact', () => {
  const weights = [0.2, 3, 1.3, 0.5];
  const offsets = Array.from({ length: 1000 }, (_, i) => (i + 0.5) / 1000);
  const mean = weights.map(
    (_, item) => offsets.reduce((sum, offset) => sum + drawWeighted(weights, 7, offset)[item], 0) / offsets.length,
  );
  weights.forEach((weight, item) => expect(mean[item]).toBeCloseTo((7 * weight) / 5, 2));
});
