import { RandomKey } from '@polymodal/core';
import { expect, it } from 'vitest';
import { sinusoids } from './sinusoids';

it('sinusoids are sines and then cosines of wavelengths from 2π to 10000 · 2π', () => {
  const values = [...sinusoids([3, 6], RandomKey.from(0))];
  const row = (n: number) => [n, n / 100, n / 10000];
  const expected = [0, 1, 2].flatMap((n) => [...row(n).map(Math.sin), ...row(n).map(Math.cos)]);
  values.forEach((value, at) => {
    expect(value).toBeCloseTo(expected[at], 6);
  });
});
