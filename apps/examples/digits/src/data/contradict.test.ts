import { ConfigError, RandomKey } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { contradict } from './contradict';
import type { DigitSample, SampleList } from './digit-sample';

/** Samples each of whose modalities shows the digit. */
function plain(digits: readonly number[]): SampleList {
  return {
    length: digits.length,
    get: (index): DigitSample => ({
      image: { data: new Uint8Array(784).fill(digits[index]), width: 28, height: 28, channels: 1 },
      audio: { samples: new Float32Array(10).fill(digits[index]), sampleRate: 8000 },
      text: String(digits[index]),
      targets: { digit: digits[index] },
      source: { picture: `train-${index}`, voice: '', language: 'en', typingSeed: index },
    }),
  };
}

const shown = ({ image, audio, text }: DigitSample) => ({
  image: image.data[0],
  audio: audio.samples[0],
  text: Number(text),
});

describe('contradict', () => {
  const samples = plain(Array.from({ length: 60 }, (_, i) => (7 * i) % 10));
  const contradictory = contradict(samples, 45, RandomKey.from(2));

  it('gives one modality another digit, leaves the others and the target, and remembers which', () => {
    for (let index = 0; index < 45; index++) {
      const sample = contradictory.get(index);
      const { modality, digit, from } = sample.contradiction;
      const target = samples.get(index).targets.digit;
      expect(sample.targets.digit).toBe(target);
      expect(digit).not.toBe(target);
      expect(samples.get(from).targets.digit).toBe(digit);
      expect(shown(sample)).toEqual({ ...shown(samples.get(index)), [modality]: digit });
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
    expect(() => contradict(plain([3, 3, 3]), 1, RandomKey.from(0))).toThrow('expected at least two digits');
  });
});
