import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { FileTokenizer } from '../file-tokenizer';
import { AlignedText } from './aligned-text';
import type { TruncationSide } from './truncate';

const fixture = (name: string) => readFileSync(new URL(`../../fixtures/${name}.json`, import.meta.url));

/** What is repeated, how often, and what follows. */
type Written = readonly [unit: string, count: number, rest: string];

interface Case {
  readonly tokenizer: string;
  readonly text: Written;
  readonly pair: Written | null;
  readonly maxLength: number;
  readonly side: TruncationSide;
  readonly ids: readonly number[];
  readonly truncated: boolean;
  readonly offsets: readonly (readonly [number, number])[] | null;
  readonly types: readonly number[];
}

// Made by tools/parity/tokenizer_long.py with Python's tokenizers.
const cases: Case[] = JSON.parse(fixture('long').toString());
const textOf = ([unit, count, rest]: Written) => unit.repeat(count) + rest;

describe.each([...new Set(cases.map(({ tokenizer }) => tokenizer))])('long texts in %s', (name) => {
  const opened = { left: open(name, 'left'), right: open(name, 'right') };

  it('are cut as in Python, alone and in pairs, at either end', () => {
    for (const { text, pair, maxLength, side, ...expected } of cases.filter(({ tokenizer }) => tokenizer === name)) {
      const options = { maxLength, addSpecialTokens: false, ...(pair && { pair: textOf(pair) }) };
      const found = opened[side].encodeText(textOf(text), options);
      const what = JSON.stringify({ text, pair, maxLength, side });
      expect([...found.ids], what).toEqual(expected.ids);
      expect([...found.typeIds], what).toEqual(expected.types);
      if (expected.offsets) expect(found.offsets, what).toEqual(expected.offsets);
      expect(found.truncated, what).toBe(expected.truncated);
    }
  });
});

function open(name: string, truncationSide: TruncationSide): FileTokenizer {
  return new FileTokenizer(fixture(name), name, { truncationSide });
}

describe('of a text whose end is cut off', () => {
  afterEach(() => vi.restoreAllMocks());

  it.each([
    ['byte-level-bpe', '\ud800'],
    ['split-bpe', '\ud800'],
    ['byte-fallback-bpe', '\ud800'],
    ['byte-level-bpe', '三'],
    ['split-bpe', '三'],
    ['byte-level-bpe', 'one two '],
    ['unigram', '三'],
  ])('%s reads the beginning, however long a word it is: %j', (name, unit) => {
    const read = vi.spyOn(AlignedText, 'of');
    const text = unit.repeat(200_000 / unit.length);
    for (const pair of [undefined, text]) {
      read.mockClear();
      const options = { maxLength: 24, addSpecialTokens: false, ...(pair && { pair }) };
      expect(open(name, 'right').encodeText(text, options).ids).toHaveLength(24);
      const letters = read.mock.calls.filter(([each]) => each.length > 100).map(([each]) => each.length);
      expect(letters.reduce((sum, each) => sum + each, 0)).toBeLessThan(25_000);
    }
  });
});
