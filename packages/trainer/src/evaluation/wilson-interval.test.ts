import { describe, expect, it } from 'vitest';
import { wilsonInterval } from './wilson-interval';

describe('wilsonInterval', () => {
  it('bounds those proportions p for which the observed one lies 1.96 standard errors away', () => {
    // The definition (Wilson 1927): both bounds solve (share − p)² = z² p (1 − p) / n.
    for (const [share, count] of [
      [0.81, 263],
      [0.5, 10],
      [0.02, 1000],
    ] as const) {
      const { low, high } = wilsonInterval(share, count);
      for (const p of [low, high]) {
        expect((share - p) ** 2).toBeCloseTo((1.959963984540054 ** 2 * p * (1 - p)) / count, 12);
      }
      expect(low).toBeLessThan(share);
      expect(high).toBeGreaterThan(share);
    }
  });

  it('stays within [0, 1] where all or none succeed: 0 of n gives z² / (n + z²)', () => {
    const z2 = 1.959963984540054 ** 2;
    expect(wilsonInterval(0, 20)).toEqual({ low: 0, high: expect.closeTo(z2 / (20 + z2), 12) });
    expect(wilsonInterval(0, 12).low).toBe(0); // and not 2.8e-17
    expect(wilsonInterval(1, 20)).toEqual({ low: expect.closeTo(20 / (20 + z2), 12), high: expect.closeTo(1, 12) });
  });

  it('says nothing where nothing was tried', () => {
    expect(wilsonInterval(0, 0)).toEqual({ low: 0, high: 1 });
  });
});
