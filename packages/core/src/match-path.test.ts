import { expect, it } from 'vitest';
import { matchesPath } from './match-path';

it('takes time in proportion to the pattern, whatever it is', () => {
  expect(matchesPath(`${'**.'.repeat(2000)}x`, 'a.b.c.d.e.f')).toBe(false);
});

it.each([
  ['a.b', 'a.b', true],
  ['a.b', 'a.b.c', false],
  ['a.*', 'a.b', true],
  ['a.*', 'a', false],
  ['a.*', 'a.b.c', false],
  ['**.query', 'query', true],
  ['**.query', 'a.b.query', true],
  ['**.query', 'a.query.b', false],
  ['a.**.query', 'a.query', true],
  ['a.**', 'a', true],
  ['a.**.c.**', 'a.b.c.d.c', true],
  ['a.**.c', 'b.c', false],
])('%s fits %s: %s', (pattern, path, expected) => {
  expect(matchesPath(pattern, path)).toBe(expected);
});
