import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { FileFormatError } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { PrecompiledCharacters } from './precompiled-characters';

const fixture = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../fixtures/${name}.json`, import.meta.url), 'utf8'));
const [precompiled] = fixture('sentence-piece').normalizer.normalizers;
const table = new Uint8Array(Buffer.from(precompiled.precompiled_charsmap, 'base64'));
const { texts } = fixture('ids');
const expected: { sha256OfCharacters: string; texts: string[] } = fixture('normalized');

function normalized(characters: PrecompiledCharacters, text: string): string {
  return (
    characters
      .changes(text)
      ?.map(({ point }) => String.fromCodePoint(point))
      .join('') ?? text
  );
}

describe('PrecompiledCharacters', () => {
  const characters = new PrecompiledCharacters(table, 'tokenizer.json');

  it('normalises texts as Python does', () => {
    expect(texts.map((text: string) => normalized(characters, text))).toEqual(expected.texts);
  });

  it('normalises every character of Unicode as Python does', () => {
    const points = Array.from({ length: 0x3ffff }, (_, index) => index + 1);
    const all = points.filter((point) => point < 0xd800 || point >= 0xe000).map((point) => String.fromCodePoint(point));
    const text = normalized(characters, all.join('\n')); // which are graphemes of their own
    expect(createHash('sha256').update(text).digest('hex')).toBe(expected.sha256OfCharacters);
  });

  it('takes long texts, and graphemes of any length', () => {
    const text = `\u00e9${'\u0301'.repeat(3000)}①`;
    expect(normalized(characters, text.repeat(3))).toBe(`\u00e9${'\u0301'.repeat(3000)}1`.repeat(3));
    expect(normalized(characters, '①a'.repeat(50_000))).toBe('1a'.repeat(50_000));
  });

  it('refuses a table that is cut short, and stays within one whose offsets lead nowhere', () => {
    for (const length of [0, 3, 4, 100]) {
      expect(() => new PrecompiledCharacters(table.subarray(0, length), 'tokenizer.json')).toThrow(FileFormatError);
    }
    const wild = Uint8Array.from(table, (byte, index) => (index < 8 ? byte : byte ^ 0x5a));
    expect(typeof normalized(new PrecompiledCharacters(wild, 'tokenizer.json'), 'naïve ①')).toBe('string');
  });
});
