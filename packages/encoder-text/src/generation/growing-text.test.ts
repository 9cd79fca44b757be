import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { GrowingText } from '@polymodal/generation';
import { describe, expect, it } from 'vitest';
import { FileTokenizer } from '../file-tokenizer';

const decoded: Record<string, { ids: number[]; text: string }[]> = JSON.parse(
  readFileSync(fileURLToPath(new URL('../../fixtures/generation/texts.json', import.meta.url)), 'utf8'),
);

describe.each(Object.entries(decoded))('with the tokenizer %s', (name, texts) => {
  const file = fileURLToPath(new URL(`../../fixtures/${name}.json`, import.meta.url));
  const tokenizer = new FileTokenizer(readFileSync(file), name);
  const decode = (ids: readonly number[]) => tokenizer.decode(ids);

  it('tokens become the text that Python makes of them', () => {
    for (const { ids, text } of texts) expect(decode(ids)).toBe(text);
  });

  it('a text that grows by a token at a time is in the end what all of them give, in whole characters', () => {
    for (const { ids, text } of texts) {
      for (const split of [0, 1, Math.floor(ids.length / 2)]) {
        const growing = new GrowingText(decode, ids.slice(0, split));
        const pieces = ids.slice(split).map((id) => growing.add(id));
        pieces.push(growing.end());
        for (const piece of pieces.slice(0, -1)) expect(piece).not.toMatch(/[\uD800-\uDBFF]$|\uFFFD$/);
        if (split === 0) expect(pieces.join('')).toBe(text);
        else if (text.startsWith(decode(ids.slice(0, split))))
          expect(decode(ids.slice(0, split)) + pieces.join('')).toBe(text);
      }
    }
  });
});

it('holds the bytes of a character back until it is whole, and gives what never became one at the end', () => {
  const bytes = [...new TextEncoder().encode('é犬🐕')];
  const growing = new GrowingText((ids) => new TextDecoder().decode(Uint8Array.from(ids)), [0x61]);
  expect(bytes.map((byte) => growing.add(byte))).toEqual(['', 'é', '', '', '犬', '', '', '', '🐕']);
  expect(growing.add(0xf0)).toBe('');
  expect(growing.end()).toBe('\uFFFD');
});
