import { RandomKey, type Sample } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import type { Answers } from './answers';
import { calibrate } from './calibrate';
import type { DigitSample } from './data';
import { productOf } from './product-of-singles';

/** Answers that the sample itself holds: unequal weights of ten digits. */
const asItSays =
  (modality: 'image' | 'audio' | 'text'): Answers =>
  async (samples) =>
    samples.map((sample) => normalized(sample[modality] as number[]));

function normalized(weights: readonly number[]): number[] {
  const sum = weights.reduce((total, value) => total + value, 0);
  return weights.map((value) => value / sum);
}

const weights = (seed: number) => Array.from(RandomKey.from(seed).uniform(10), (value) => 0.1 + value);

describe('productOf', () => {
  const product = productOf({ image: asItSays('image'), audio: asItSays('audio'), text: asItSays('text') });
  const [image, audio, text] = [1, 2, 3].map(weights);

  it('is the posterior of Bayes’ rule for independent modalities and equally frequent digits', async () => {
    const [both] = await product([{ image, text }]);
    const expected = normalized(image.map((value, digit) => value * text[digit]));
    both.forEach((value, digit) => expect(value).toBeCloseTo(expected[digit], 12));
  });

  it('of one modality is what that says', async () => {
    const [alone] = await product([{ audio }] as Sample[]);
    normalized(audio).forEach((value, digit) => expect(alone[digit]).toBeCloseTo(value, 12));
  });
});

describe('calibrate', () => {
  it('finds the temperature that makes up for answers that are too sure', async () => {
    // Digits drawn with these probabilities, told with the odds to the power of two: the right temperature is 2.
    const honest = normalized([9, 4, 2, 1, 1, 1, 1, 1, 1, 1]);
    const key = RandomKey.from(0);
    const samples = Array.from({ length: 4000 }, (_, i) => {
      const draw = key.fold(i).uniform(1)[0];
      let [digit, left] = [0, draw - honest[0]];
      while (left > 0) left -= honest[++digit];
      return { targets: { digit } } as DigitSample;
    });
    const tooSure: Answers = async (asked) => asked.map(() => normalized(honest.map((value) => value ** 2)));
    const [calibrated] = await (await calibrate(tooSure, samples, 'image'))([{}]);
    // ± 0.03 are four standard errors of a share of 4,000.
    honest.forEach((value, digit) => expect(Math.abs(calibrated[digit] - value)).toBeLessThan(0.03));
    expect(Math.abs(normalized(honest.map((value) => value ** 2))[0] - honest[0])).toBeGreaterThan(0.2);
  });
});
