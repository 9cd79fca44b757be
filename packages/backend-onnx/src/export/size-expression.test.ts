import { describe, expect, it } from 'vitest';
import { combinationsOf, fitSize, type SizeGrid, sizeText } from './size-expression';

const grid: SizeGrid = {
  names: ['batch', 'sequence'],
  sizes: [
    [2, 3, 5],
    [7, 11, 13],
  ],
};

function fit(size: (batch: number, sequence: number) => number) {
  return fitSize(
    grid,
    combinationsOf(grid).map(({ batch, sequence }) => size(batch!, sequence!)),
  );
}

describe('fitSize', () => {
  it('finds every polynomial in which each size stands to the first power at most', () => {
    expect(fit((batch, sequence) => 4 * batch * sequence - batch + 3 * sequence + 1)).toEqual([1, -1, 3, 4]);
    expect(fit((batch) => batch)).toEqual([0, 1, 0, 0]);
    expect(fit(() => 0.25)).toEqual([0.25, 0, 0, 0]);
  });

  it('gives null for a square, a quotient that is rounded, a root', () => {
    expect(fit((batch) => batch * batch)).toBeNull();
    expect(fit((_, sequence) => Math.ceil(sequence / 2))).toBeNull();
    expect(fit((batch) => Math.sqrt(batch))).toBeNull();
    expect(fit((batch, sequence) => (batch === 5 && sequence === 13 ? 6 : 5))).toBeNull();
  });

  it('keeps the sign of zero of a constant, and NaN', () => {
    expect(fit(() => -0)![0]).toBe(-0);
    expect(fit(() => Number.NaN)![0]).toBeNaN();
  });

  it('is written out in words', () => {
    expect(sizeText(fit((batch, sequence) => 4 * batch * sequence + sequence + 1)!, grid.names)).toBe(
      '4*batch*sequence + sequence + 1',
    );
    expect(sizeText(fit(() => 12)!, grid.names)).toBe(12);
  });
});
