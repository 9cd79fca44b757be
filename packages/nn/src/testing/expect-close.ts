import { expect } from 'vitest';

/**
 * Expects numbers to agree: |actual − expected| ≤ tolerance · (1 + |expected|). A failure names the worst of them.
 */
export function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  let worst = 0;
  let excess = -1;
  for (let index = 0; index < expected.length; index++) {
    const difference = Math.abs(actual[index] - expected[index]) / (1 + Math.abs(expected[index]));
    if (difference <= excess) continue; // a NaN is not ≤, so it is kept
    excess = difference;
    worst = index;
    if (Number.isNaN(difference)) break;
  }
  const message = `[${worst}] is ${actual[worst]}, expected ${expected[worst]}`;
  expect(excess, message).toBeLessThanOrEqual(tolerance);
}
