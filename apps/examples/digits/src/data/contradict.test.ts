import { ConfigError, RandomKey } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { contradict } from './contradict';
import { plainDigits, shownBy } from './testing/plain-digits';

describe('contradict', () => {
  const samples = plainDigits(Array.from({ length: 60 }, (_, i) => (7 * i) % 10));
  const contradictory = contradict(samples, 45, RandomKey.from(2));

  it('gives one modality another digit, leaves the others and the target, and remembers which', () => {
    for (let index = 0; index < 45; index++) {
      const sample = contradictory.get(index);
      const { modality, digit, from } = sample.contradiction;
      const target = samples.get(index).targets.digit;
      expect(sample.targets.digit).toBe(target);
      expect(digit).not.toBe(target);
      expect(samples.get(from).targets.digit).toBe(digit);
      expect(shownBy(sample)).toEqual({ ...shownBy(samples.get(index)), [modality]: digit });
    }
  });

  it('treats the modalities alike', () => {
    const which = Array.from({ length: 45 }, (_, index) => contradictory.get(index).contradiction.modality);
    for (const modality of ['image', 'audio', 'text']) expect(which.filter((m) => m === modality).length).toBe(15);
  });

  it('follows from the key alone', () => {
    const from = (seed: number) => {
      const list = contradict(samples, 45, RandomKey.from(seed));
      return Array.from({ length: 45 }, (_, index) => list.get(index).contradiction.from);
    };
    expect(from(2)).toEqual(from(2));
    expect(from(2)).not.toEqual(from(3));
  });

  it('refuses what cannot be contradicted', () => {
    expect(() => contradict(samples, 61, RandomKey.from(0))).toThrow(ConfigError);
    expect(() => contradict(plainDigits([3, 3, 3]), 1, RandomKey.from(0))).toThrow('expected at least two digits');
  });
});
