import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { stopStrings } from '@polymodal/generation';
import { expect, it } from 'vitest';
import { ByteTokenizer } from '../byte-tokenizer';
import { FileTokenizer } from '../file-tokenizer';

const fixture = (path: string) => readFileSync(fileURLToPath(new URL(`../../fixtures/${path}`, import.meta.url)));
const stops: Record<string, { ids: number[]; strings: string[]; stops: boolean[] }[]> = JSON.parse(
  fixture('generation/stop-strings.json').toString(),
);

it.each(Object.entries(stops))('strings end a text where they end it in transformers: %s', (name, texts) => {
  const tokenizer = new FileTokenizer(fixture(`${name}.json`), name);
  for (const { ids, strings, stops: expected } of texts) {
    const endsWith = stopStrings(strings, tokenizer);
    expect(ids.map((_, index) => endsWith(ids.slice(0, index + 1)))).toEqual(expected);
  }
});

it('strings of several bytes a character end a text with the last of them', () => {
  const tokenizer = new ByteTokenizer();
  const ids = [...tokenizer.encodePart('ein Hünd, 犬。 x')];
  const endsWith = stopStrings(['犬。', 'Hund'], tokenizer);
  const last = [...tokenizer.encodePart('ein Hünd, 犬。')].length;
  expect(ids.map((_, index) => endsWith(ids.slice(0, index + 1))).indexOf(true)).toBe(last - 1);
});
