import { RandomKey } from '@polymodal/core';
import { meanPower } from '@polymodal/example-material';
import { describe, expect, it } from 'vitest';
import { type AudioDegradation, degradation } from '../degradation';
import { degradeAudio } from './degrade-audio';
import { makeNoise } from './noise';
import type { Utterance } from './utterance';

const key = RandomKey.from(3);
const tone = (hertz: number): Utterance => ({
  digit: 1,
  voice: `${hertz} Hz`,
  samples: Float32Array.from({ length: 4000 }, (_, i) => Math.sin((2 * Math.PI * hertz * i) / 8000)),
});
const plain: AudioDegradation = {
  window: 0.8,
  speeds: [1],
  level: [-30, -30],
  signalToNoise: [6, 6],
  noise: { white: 1, pink: 0, babble: 0 },
};

/** Power at one frequency (Goertzel). */
function powerAt(hertz: number, samples: Float32Array): number {
  let [real, imaginary] = [0, 0];
  samples.forEach((value, i) => {
    real += value * Math.cos((2 * Math.PI * hertz * i) / 8000);
    imaginary += value * Math.sin((2 * Math.PI * hertz * i) / 8000);
  });
  return (real ** 2 + imaginary ** 2) / samples.length ** 2;
}

describe('degradeAudio', () => {
  it('gives a word the level and the noise the power that the recipe asks for', () => {
    const quiet = degradeAudio(tone(1000), [], { ...plain, signalToNoise: [200, 200] }, key);
    expect(quiet.length).toBe(6400);
    expect(10 * Math.log10((meanPower(quiet) * 6400) / 4000)).toBeCloseTo(-30, 1);
    const noisy = degradeAudio(tone(1000), [], plain, key);
    const noise = noisy.map((value, i) => value - quiet[i]);
    expect(10 * Math.log10(meanPower(noise))).toBeCloseTo(-36, 0);
  });

  it('places the word anywhere in the window, and cuts it only if it is longer', () => {
    const starts = Array.from({ length: 100 }, (_, n) => {
      const wave = degradeAudio(tone(1000), [], { ...plain, signalToNoise: [200, 200] }, key.fold(n));
      return wave.findIndex((value) => Math.abs(value) > 1e-3);
    });
    expect(Math.min(...starts)).toBeLessThan(150);
    expect(Math.max(...starts)).toBeGreaterThan(2250);
    expect(degradeAudio(tone(1000), [], { ...plain, window: 0.3 }, key).length).toBe(2400);
  });

  it('changes the pitch with the speed', () => {
    const fast = degradeAudio(tone(1000), [], { ...plain, speeds: [1.2], signalToNoise: [200, 200] }, key);
    expect(powerAt(1200, fast)).toBeGreaterThan(100 * powerAt(1000, fast));
  });

  it('follows from the key alone and stays in [−1, 1]', () => {
    const loud: AudioDegradation = { ...degradation.audio, level: [-3, 0], signalToNoise: [-20, -10] };
    const make = (n: number) => degradeAudio(tone(700), [tone(300)], loud, key.fold(n));
    expect(make(0)).toEqual(make(0));
    expect(make(0)).not.toEqual(make(1));
    for (let n = 0; n < 10; n++) expect(make(n).every((value) => Math.abs(value) <= 1)).toBe(true);
  });
});

describe('makeNoise', () => {
  const band = (noise: Float32Array, from: number, to: number) => {
    let sum = 0;
    for (let hertz = from; hertz < to; hertz += 10) sum += powerAt(hertz, noise);
    return sum;
  };

  it('makes white noise equal in bands of equal width, pink noise in bands of equal ratio', () => {
    const white = makeNoise('white', 16_000, [], key);
    expect(band(white, 200, 400) / band(white, 3000, 3200)).toBeCloseTo(1, 0);
    const pink = makeNoise('pink', 16_000, [], key);
    expect(10 * Math.log10(band(pink, 200, 400) / band(pink, 1600, 3200))).toBeGreaterThan(-3);
    expect(10 * Math.log10(band(pink, 200, 400) / band(pink, 1600, 3200))).toBeLessThan(3);
  });

  it('lets only the given voices babble', () => {
    const babble = makeNoise('babble', 8000, [tone(300)], key);
    expect(powerAt(300, babble)).toBeGreaterThan(1000 * powerAt(1300, babble));
  });
});
