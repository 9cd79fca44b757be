import { expect, it } from 'vitest';
import { RandomKey } from './random-key';
import { roundRows } from './round-rows';

const multipliedOut = ({ values, scales }: ReturnType<typeof roundRows>) =>
  Float32Array.from(values, (value, i) => value * scales[Math.floor((i * scales.length) / values.length)]);

it('rounds by half a scale at most, row by row, and the largest of each to ±127', () => {
  const rows = [Float32Array.of(1, -2, 0.5, 127), Float32Array.of(0.001, 0, -0.254, 0.1), Float32Array.of(0, 0, 0, 0)];
  const { values, scales } = roundRows(Float32Array.from(rows.flatMap((row) => [...row])), 3);
  expect([...values]).toEqual([1, -2, 0, 127, 0, 0, -127, 50, 0, 0, 0, 0].map((value, i) => (i === 2 ? 1 : value))); // 0.5 up
  expect(scales[0]).toBe(1);
  expect(scales[1]).toBeGreaterThanOrEqual(Math.fround(0.254 / 127));
  expect(scales[1]).toBeLessThan((0.254 / 127) * (1 + 2 ** -16));
});

it('makes the same integers of what they stand for', () => {
  for (let seed = 0; seed < 20; seed++) {
    const drawn = RandomKey.from(seed).normal(64 * 24);
    const values = drawn.map((value, i) => value * 10 ** ((Math.floor(i / 24) % 40) - 20));
    const once = roundRows(values, 64);
    const again = roundRows(multipliedOut(once), 64);
    expect(again.values).toEqual(once.values);
    expect(again.scales).toEqual(once.scales);
  }
});
