import { expect, it } from 'vitest';
import { MeanAndDeviation } from './mean-and-deviation';

it.each([
  [[2, 4, 4, 4, 5, 5, 7, 9], 5, 2],
  [[1e200, 3e200], 2e200, 1e200],
  [[1e-200, 3e-200], 2e-200, 1e-200],
  [[7, 7, 7], 7, 1],
  [[], 0, 1],
])('of %o it is %d and %d', (numbers, mean, deviation) => {
  const learned = new MeanAndDeviation();
  for (const number of numbers) learned.add(number);
  expect(learned.count).toBe(numbers.length);
  expect(Math.abs(learned.mean - mean)).toBeLessThanOrEqual(1e-14 * mean);
  expect(Math.abs(learned.deviation - deviation)).toBeLessThanOrEqual(1e-14 * deviation);
});
