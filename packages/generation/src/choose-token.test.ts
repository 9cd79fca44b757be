import { RandomKey } from '@polymodal/core';
import { expect, it } from 'vitest';
import { chooseToken, logitsProcessors } from './choose-token';

const logits = [0.3, -1.2, 2.1, 0.9, -0.4, 1.5];
const text = { ids: [1], promptLength: 1 };

/** Σ (observed − expected)² / expected */
function chiSquare(counts: readonly number[], shares: readonly number[], draws: number): number {
  return counts.reduce(
    (sum, count, id) => sum + (shares[id] > 0 ? (count - draws * shares[id]) ** 2 / (draws * shares[id]) : 0),
    0,
  );
}

it.each([
  ['the softmax of the logits', {}, logits.map(Math.exp), 5],
  ['a flatter one at a higher temperature', { temperature: 2 }, logits.map((logit) => Math.exp(logit / 2)), 5],
  ['the three most likely alone', { topK: 3 }, logits.map((logit) => (logit >= 0.9 ? Math.exp(logit) : 0)), 2],
])('draws tokens as often as %s says', (_, options, weights, freedom) => {
  const draws = 20_000;
  const processors = logitsProcessors({ doSample: true, ...options, eosTokenIds: [], minNewTokens: 0 });
  const counts = logits.map(() => 0);
  const key = RandomKey.from(3);
  for (let draw = 0; draw < draws; draw++) {
    counts[chooseToken(Float32Array.from(logits), text, processors, key.fold(draw))]++;
  }
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const shares = weights.map((weight) => weight / sum);
  const limit = { 2: 9.21, 5: 15.09 }[freedom]!; // the 99th percentile of χ²
  expect(chiSquare(counts, shares, draws)).toBeLessThan(limit);
  expect(counts.every((count, id) => shares[id] > 0 || count === 0)).toBe(true);
});

it('penalises what was written by how often it was, and once for being there; the prompt does not count', () => {
  const options = { frequencyPenalty: 0.5, presencePenalty: 0.25, eosTokenIds: [], minNewTokens: 0 };
  const own = Float32Array.from(logits);
  for (const process of logitsProcessors(options)) process(own, { ids: [2, 2, 3, 5, 3, 3], promptLength: 3 });
  const lost = [0, 0, 0, 2 * 0.5 + 0.25, 0, 0.5 + 0.25]; // 3 was written twice, 5 once
  for (const [id, logit] of own.entries()) expect(logit).toBeCloseTo(logits[id] - lost[id], 6);
});

it('takes the first of the most likely without a key', () => {
  expect(chooseToken(Float32Array.of(1, 3, 3, 2), text, [], undefined)).toBe(1);
});

it('refuses logits that are not numbers', () => {
  const run = () => chooseToken(Float32Array.of(Number.NaN, Number.NaN), text, [], undefined);
  expect(run).toThrow('token 0 of a sequence: expected a token that may come, received logits that are not numbers.');
});

it.each([1e-300, 5e-324, 1e-40])('draws the most likely token at a temperature of %s, near 0', (temperature) => {
  const processors = logitsProcessors({ doSample: true, temperature, eosTokenIds: [], minNewTokens: 0 });
  for (const shift of [0, -9]) {
    const own = Float32Array.from(logits, (logit) => logit + shift);
    own[0] = Number.NEGATIVE_INFINITY; // excluded before
    expect(chooseToken(own, text, processors, RandomKey.from(1))).toBe(2);
  }
});
