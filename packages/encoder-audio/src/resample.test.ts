import { readFileSync } from 'node:fs';
import { decodeSafetensors, RandomKey, SampleError } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { resample, samplesNeeded } from './resample';

// Made by tools/parity/audio.py with scipy.signal.resample_poly and the same filter.
const fixture = decodeSafetensors(readFileSync(new URL('../fixtures/audio.safetensors', import.meta.url)), 'audio');

const sine = (frequency: number, rate: number, length: number) =>
  Float32Array.from({ length }, (_, n) => Math.sin((2 * Math.PI * frequency * n) / rate));

describe('resample', () => {
  it.each([
    [2, 1],
    [1, 2],
    [160, 441],
    [3, 2],
    [16000, 16001], // more phases than are kept: the filter is a straight line between them
    [8000, 44101],
  ])('agrees with scipy.signal.resample_poly (up %i, down %i)', (up, down) => {
    const expected = fixture.tensors.get(`resampled_${up}_${down}`)!;
    const output = resample(fixture.tensors.get('noise')!.data, down, up);
    expect([output.length]).toEqual(expected.shape);
    // scipy scales all phases of the filter alike, here each has gain 1: they differ by its stop-band ripple, −86 dB.
    output.forEach((value, n) => expect(Math.abs(value - expected.data[n])).toBeLessThan(3e-4));
  });

  it.each([
    [8000, 16000],
    [44100, 16000],
    [48000, 16000],
    [22050, 8000],
    [16001, 16000],
    [767_999, 16000],
  ])('gives from %i to %i Hz the samples of the same sine', (from, to) => {
    const output = resample(sine(700, from, from / 10), from, to);
    const expected = sine(700, to, output.length);
    for (let n = 200; n < output.length - 200; n++) expect(Math.abs(output[n] - expected[n])).toBeLessThan(2e-4);
  });

  it('suppresses by more than 70 dB what the new rate cannot represent', () => {
    const output = resample(sine(4700, 16000, 3200), 16000, 8000).subarray(100, -100);
    expect(Math.max(...output.map(Math.abs))).toBeLessThan(10 ** (-70 / 20));
  });

  it('keeps a constant the same constant', () => {
    const output = resample(new Float32Array(2000).fill(0.25), 44100, 16000).subarray(100, -100);
    output.forEach((value) => expect(value).toBeCloseTo(0.25, 7));
  });

  it('gives ceil(length · to / from) samples, from a single one on', () => {
    expect(resample(new Float32Array(1), 16000, 8000)).toHaveLength(1);
    expect(resample(new Float32Array(441), 44100, 16000)).toHaveLength(160);
    expect(resample(new Float32Array(442), 44100, 16000)).toHaveLength(161);
  });

  it('gives the same samples whichever pairs of rates came before', () => {
    const samples = RandomKey.from(3).normal(300);
    const first = resample(samples, 8000, 16000);
    for (let rate = 9000; rate < 20000; rate += 1000) resample(samples, rate, 16000);
    expect(resample(samples, 8000, 16000)).toEqual(first);
  });

  it.each([
    [44100, 16000],
    [767_999, 16000],
    [7, 16000],
  ])('gives from %i to %i Hz a part as it gives the whole, of no more samples than it needs', (from, to) => {
    const samples = RandomKey.from(4).normal(from < 100 ? 60 : 20_000);
    const whole = resample(samples, from, to);
    expect(resample(samples, from, to, { start: 100, end: 300 })).toEqual(whole.subarray(100, 300));
    const needed = samples.subarray(0, samplesNeeded(300, from, to));
    expect(resample(needed, from, to, { end: 300 })).toEqual(whole.subarray(0, 300));
  });

  it.each([
    [0, 16000, /a sample rate from 1 to 768000 Hz, received 0/],
    [Number.NaN, 16000, /received NaN/],
    [16000, 22050.5, /received 22050.5/],
    [768_000, 1, /at least 1\/1024 of 768000 Hz, received 1 Hz/],
    [1, 16000, /at most 134217728 samples at 16000 Hz, received 160000000, of 10000 at 1 Hz/],
  ])('refuses to go from %d to %d Hz', (from, to, message) => {
    const samples = new Float32Array(10_000);
    expect(() => resample(samples, from, to)).toThrow(SampleError);
    expect(() => resample(samples, from, to)).toThrow(message);
  });
});
