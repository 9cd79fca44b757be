import { expect, it } from 'vitest';
import { FoundTokens } from './found-tokens';
import { addToken, addTokens, fillOthers, hasToken, noTokens } from './token-bits';

it('what constraints found takes no more bytes than it may, and what was used last stays', () => {
  const found = new FoundTokens(10);
  const keys = [{}, {}, {}, {}];
  const times = [0, 0, 0, 0];
  const ask = (key: number, bytes = 4) =>
    found.of(
      keys[key],
      () => ++times[key],
      () => bytes,
    );
  for (const key of [0, 1, 0, 2, 0, 1]) ask(key);
  expect(times).toEqual([1, 2, 1, 0]); // 1 gave way to 2, and is found anew
  expect(found.bytes).toBe(8);
  ask(3, 100); // more than there is: it is not refused, but all else gives way
  ask(0);
  expect(times).toEqual([2, 2, 1, 1]);
  expect(found.bytes).toBe(4);
});

it('a bit for each token says the same as a set, also of tokens beyond the vocabulary', () => {
  const vocabSize = 101;
  const chosen = new Set([0, 1, 31, 32, 63, 64, 95, 96, 100, ...Array.from({ length: 32 }, (_, id) => 64 + id)]);
  const bits = noTokens(vocabSize);
  const more = noTokens(vocabSize);
  for (const id of chosen) addToken(id % 2 ? bits : more, id);
  addTokens(bits, more);
  const values = new Float32Array(130).fill(1);
  fillOthers(values, bits, -1);
  for (const [id, value] of values.entries()) expect([id, value]).toEqual([id, chosen.has(id) ? 1 : -1]);
  expect([...Array(vocabSize).keys()].filter((id) => hasToken(bits, id))).toEqual([...chosen].sort((a, b) => a - b));
});
