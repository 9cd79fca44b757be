import { RandomKey } from '@polymodal/core';
import type { Utterance } from '@polymodal/example-digits/data';
import { meanPower, sampleRate } from '@polymodal/example-material';
import { expect, it } from 'vitest';
import { makeString, recipe, words } from './make-string';

/** A tone for each digit, of two voices that say them at different pitches. */
const speech = Array.from({ length: 10 }, (_, digit) =>
  ['low', 'high'].map(
    (voice): Utterance => ({
      ...{ digit, voice },
      samples: Float32Array.from({ length: 2400 }, (_, i) =>
        Math.sin(((voice === 'low' ? 1 : 3) * (300 + 50 * digit) * 2 * Math.PI * i) / sampleRate),
      ),
    }),
  ),
);

it('strings digits of one voice together, and says which they are and where they stand', () => {
  const strings = Array.from({ length: 40 }, (_, n) => makeString(speech, RandomKey.from(1).fold(n)));
  expect(new Set(strings.map(({ voice }) => voice))).toEqual(new Set(['low', 'high']));
  expect(new Set(strings.map(({ spans }) => spans.length))).toEqual(new Set([1, 2, 3, 4, 5, 6, 7]));
  for (const { samples, text, spans } of strings) {
    const said = text.split(' ');
    expect(said.length).toBe(spans.length);
    expect(said.every((word) => words.includes(word))).toBe(true);
    let last = 0;
    for (const [start, end] of spans) {
      expect(start - last).toBeGreaterThanOrEqual(recipe.pause[0] - 1e-3);
      expect(end).toBeGreaterThan(start);
      last = end;
    }
    expect(last).toBeLessThan(samples.length / sampleRate);
    expect(samples.every((value) => Math.abs(value) <= 1)).toBe(true);
    const [[from, to]] = spans;
    const at = (seconds: number) => Math.round(seconds * sampleRate);
    expect(meanPower(samples.subarray(at(from), at(to)))).toBeGreaterThan(meanPower(samples.subarray(0, at(from))));
  }
  expect(makeString(speech, RandomKey.from(1).fold(0))).toEqual(strings[0]);
});
