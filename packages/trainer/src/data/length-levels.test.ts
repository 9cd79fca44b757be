import { describe, expect, it } from 'vitest';
import { lengthLevels } from './length-levels';

const grid = [16, 32, 48].flatMap((text) => [64, 128, 192, 256].map((audio) => ({ text, audio })));

describe('lengthLevels', () => {
  it('keeps every shape apart while there are no more than the limit', () => {
    const level = lengthLevels(grid, ['text'], 4);
    expect([16, 32, 48].map((text) => level({ text, audio: 64 }))).toEqual([0, 1, 2]);
  });

  it('merges down to the limit and orders levels by length', () => {
    const level = lengthLevels(grid, ['text', 'audio'], 4);
    const levels = grid.map(level);
    expect(new Set(levels)).toEqual(new Set([0, 1, 2, 3]));
    expect(level({ text: 16, audio: 64 })).toBe(0);
    expect(level({ text: 48, audio: 256 })).toBe(3);
  });

  it('merges what wastes the least padding: rare shapes rather than common ones', () => {
    const common = Array.from({ length: 90 }, (_, i) => ({ text: i % 2 ? 16 : 64 }));
    const level = lengthLevels([...common, { text: 48 }, { text: 32 }], ['text'], 2);
    expect([16, 32, 48, 64].map((text) => level({ text }))).toEqual([0, 1, 1, 1]);
  });
});
