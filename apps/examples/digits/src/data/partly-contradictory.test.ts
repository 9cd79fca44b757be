import { RandomKey } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { partlyContradictory } from './partly-contradictory';
import { plainDigits, shownBy } from './testing/plain-digits';

describe('partlyContradictory', () => {
  const samples = plainDigits(Array.from({ length: 60 }, (_, i) => (7 * i) % 10));
  const partly = partlyContradictory(samples, 0.2, RandomKey.from(2));

  it('lets that share of the samples show two digits, and keeps every target', () => {
    const digitsOf = (index: number) => new Set(Object.values(shownBy(partly.get(index)))).size;
    const targets = (list: typeof samples) => Array.from({ length: 60 }, (_, index) => list.get(index).targets.digit);
    expect(Array.from({ length: 60 }, (_, index) => digitsOf(index)).filter((count) => count === 2).length).toBe(12);
    expect(targets(partly)).toEqual(targets(samples));
  });

  it('is the same list without any', () => {
    const none = partlyContradictory(samples, 0, RandomKey.from(2));
    expect(none.length).toBe(60);
    expect(none.get(0)).toEqual(samples.get(0));
  });
});
