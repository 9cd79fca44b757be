import { RandomKey } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { normalizeLogMel } from './normalize-log-mel';

describe('normalizeLogMel', () => {
  it('gives a recording mean 0 and variance 1', () => {
    const values = RandomKey.from(1).normal(4000);
    normalizeLogMel(values, 'recording', 2);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    expect(mean).toBeCloseTo(0, 5);
    expect(variance).toBeCloseTo(1, 5);
  });

  it('makes a recording the same at any gain', () => {
    const quiet = RandomKey.from(2).normal(100);
    const loud = quiet.map((value) => value + 2); // in log10 of power: ten times the amplitude
    normalizeLogMel(quiet, 'recording', 2);
    normalizeLogMel(loud, 'recording', 2);
    loud.forEach((value, i) => expect(value).toBeCloseTo(quiet[i], 5));
  });

  it('gives each band mean 0 and variance 1, so that what colours a recording throughout does not matter', () => {
    const drawn = RandomKey.from(3)
      .normal(400)
      .map((value) => value / 2); // all within 80 dB
    const plain = drawn.map((value, i) => (i % 2 === 0 ? value : drawn[i - 1] + value)); // (200, 2)
    const coloured = plain.map((value, i) => (i % 2 === 0 ? value : value / 2 - 1.5));
    normalizeLogMel(plain, 'bands', 2);
    normalizeLogMel(coloured, 'bands', 2);
    for (const band of [0, 1]) {
      const values = plain.filter((_, i) => i % 2 === band);
      expect(values.reduce((sum, value) => sum + value, 0) / 200).toBeCloseTo(0, 5);
      expect(values.reduce((sum, value) => sum + value ** 2, 0) / 200).toBeCloseTo(1, 5);
    }
    coloured.forEach((value, i) => expect(value).toBeCloseTo(plain[i], 5));
  });

  it('raises what lies more than 80 dB below the loudest value', () => {
    const values = Float32Array.of(1, -6, -9, -10);
    normalizeLogMel(values, 'whisper', 2);
    expect([...values]).toEqual([1.25, -0.5, -0.75, -0.75]);
  });

  it('gives zeros, not NaN, for digital silence', () => {
    const values = new Float32Array(10).fill(-10);
    normalizeLogMel(values, 'recording', 2);
    expect([...values]).toEqual(new Array(10).fill(0));
    normalizeLogMel(values.fill(-10), 'bands', 2);
    expect([...values]).toEqual(new Array(10).fill(0));
  });

  it('leaves values alone where none is asked for', () => {
    const values = Float32Array.of(3, -20);
    normalizeLogMel(values, 'none', 2);
    expect([...values]).toEqual([3, -20]);
  });
});
