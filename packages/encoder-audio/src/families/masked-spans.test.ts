import { RandomKey } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { maskedSpans } from './masked-spans';

const key = RandomKey.from(3);

describe('maskedSpans', () => {
  it('masks the share of the axis that independent spans leave', () => {
    const config = { probability: 0.3, spanLength: 10, minSpans: 0 };
    const [rows, length] = [200, 400];
    const mask = maskedSpans(rows, length, config, key);
    const share = mask.reduce((sum, value) => sum + value, 0) / mask.length;
    // A frame away from the ends is in one of 12 spans of 391 starts with probability 1 − (1 − 10/391)¹² = 0.267; at the ends less.
    expect(share).toBeGreaterThan(0.255);
    expect(share).toBeLessThan(0.275);
  });

  it('masks whole spans, another choice in each row, the same for the same key', () => {
    const config = { probability: 0.05, spanLength: 7, minSpans: 1 };
    const mask = maskedSpans(3, 40, config, key);
    for (let row = 0; row < 3; row++) {
      const line = [...mask.subarray(row * 40, row * 40 + 40)].join('');
      expect(line).toMatch(/^0*1{7}0*$/);
    }
    expect(new Set([0, 1, 2].map((row) => mask.subarray(row * 40, row * 40 + 40).join())).size).toBe(3);
    expect(maskedSpans(3, 40, config, key)).toEqual(mask);
  });

  it('has at least minSpans, where they fit', () => {
    const sum = (length: number) =>
      maskedSpans(1, length, { probability: 0.001, spanLength: 1, minSpans: 4 }, key).reduce((a, b) => a + b, 0);
    expect([sum(20), sum(3)]).toEqual([4, 3]);
    expect(maskedSpans(1, 5, { probability: 0.9, spanLength: 6, minSpans: 2 }, key)).toEqual(new Float32Array(5));
  });
});
