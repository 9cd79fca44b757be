import { describe, expect, it } from 'vitest';
import { ShapeError, UnknownNameError } from './errors';
import { commonLengths } from './feature-shape';

const short = { lengths: { tokens: 16, lines: 4 } };
const long = { lengths: { tokens: 48, lines: 1 } };

describe('commonLengths', () => {
  it('is the largest of each length, or what is asked for', () => {
    expect(commonLengths([short, long])).toEqual({ tokens: 48, lines: 4 });
    expect(commonLengths([short, long], { tokens: 64 })).toEqual({ tokens: 64, lines: 4 });
    expect(commonLengths([{}, {}])).toEqual({});
  });

  it.each([47, 48.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses %d where a row has 48', (tokens) => {
    expect(() => commonLengths([short, long], { tokens })).toThrow(ShapeError);
    expect(() => commonLengths([short, long], { tokens })).toThrow('lengths.tokens: expected at least 48');
  });

  it('refuses lengths that the rows do not have', () => {
    expect(() => commonLengths([short], { token: 64 })).toThrow(UnknownNameError);
    expect(() => commonLengths([short], { token: 64 })).toThrow('Did you mean "tokens"?');
    expect(() => commonLengths([{}], { tokens: 64 })).toThrow('Known: none');
  });

  it('refuses rows that differ in what is fixed', () => {
    expect(commonLengths([{ fixed: [2, 'a'] }, { fixed: [2, 'a'] }])).toEqual({});
    for (const other of [{ fixed: [2, 'b'] }, { fixed: '2,a' }, {}]) {
      expect(() => commonLengths([{ fixed: [2, 'a'] }, other])).toThrow(ShapeError);
    }
    expect(() => commonLengths([{ fixed: [480, 640] }, {}])).toThrow('[480,640] as the first, received nothing');
  });
});
