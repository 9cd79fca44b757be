import { describe, expect, it } from 'vitest';
import { sinusoidalPositions } from './sinusoidal-positions';

describe('sinusoidalPositions', () => {
  const table = sinusoidalPositions(50, 16).arraySync();

  it('alternates sine and cosine, the first pair with the wavelength 2π', () => {
    expect(table[0]).toEqual(Array.from({ length: 16 }, (_, index) => index % 2)); // sin 0, cos 0, …
    expect(table[7][0]).toBeCloseTo(Math.sin(7), 6);
    expect(table[7][1]).toBeCloseTo(Math.cos(7), 6);
  });

  it('ends with a pair just short of the wavelength 10000 · 2π', () => {
    expect(table[49][14]).toBeCloseTo(Math.sin(49 / 10000 ** (14 / 16)), 6);
    expect(table[49][15]).toBeCloseTo(Math.cos(49 / 10000 ** (14 / 16)), 6);
  });

  it('makes a shift of positions a rotation of each pair', () => {
    for (let pair = 0; pair < 16; pair += 2) {
      const [sine, cosine] = [table[3][pair], table[3][pair + 1]]; // the rotation by three positions
      expect(table[20][pair] * cosine + table[20][pair + 1] * sine).toBeCloseTo(table[23][pair], 6);
      expect(table[20][pair + 1] * cosine - table[20][pair] * sine).toBeCloseTo(table[23][pair + 1], 6);
    }
  });

  it('refuses an odd size', () => {
    expect(() => sinusoidalPositions(4, 5)).toThrow('sinusoidalPositions size: expected an even number, received 5.');
  });
});
