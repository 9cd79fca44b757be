import { RandomKey } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { retrievalRecall } from './retrieval-recall';

const same = (query: number, candidate: number) => query === candidate;

describe('retrievalRecall', () => {
  it('is the share of queries with a match among the k nearest, as sorting finds it', () => {
    const [queries, candidates] = [1, 2].map((seed) => vectors(20, 3, seed));
    for (const k of [1, 3, 10, 20]) {
      const matches = (query: number, candidate: number) => query % 4 === candidate % 4;
      let hits = 0;
      queries.forEach((query, q) => {
        const order = candidates.map((candidate, c) => ({
          c,
          similarity: query.reduce((sum, x, i) => sum + x * candidate[i], 0),
        }));
        order.sort((a, b) => b.similarity - a.similarity);
        if (order.slice(0, k).some(({ c }) => matches(q, c))) hits++;
      });
      expect(retrievalRecall(queries, candidates, matches, k)).toBe(hits / 20);
    }
  });

  it('is 1 for vectors that find themselves', () => {
    const unit = vectors(10, 4, 3).map((v) => v.map((x) => x / Math.hypot(...v)));
    expect(retrievalRecall(unit, unit, same, 1)).toBe(1);
  });

  it('gives nothing to embeddings that have collapsed, or are NaN', () => {
    const collapsed = Array.from({ length: 5 }, () => Float32Array.of(1, 0));
    expect(retrievalRecall(collapsed, collapsed, same, 1)).toBe(0);
    const broken = collapsed.map(() => Float32Array.of(Number.NaN, 0));
    expect(retrievalRecall(broken, broken, same, 1)).toBe(0);
  });

  it('does not count queries that nothing matches', () => {
    const unit = [Float32Array.of(1, 0), Float32Array.of(0, 1)];
    expect(retrievalRecall(unit, unit, (query, candidate) => query === 0 && candidate === 0, 1)).toBe(1);
    expect(retrievalRecall(unit, unit, () => false, 1)).toBeNaN();
  });
});

function vectors(count: number, size: number, seed: number): Float32Array[] {
  return Array.from({ length: count }, (_, index) => RandomKey.from(seed).fold(index).normal(size));
}
