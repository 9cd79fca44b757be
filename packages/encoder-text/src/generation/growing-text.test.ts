import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type GrowingText, RandomKey } from '@polymodal/core';
import { ContinuedText } from '@polymodal/generation';
import { describe, expect, it } from 'vitest';
import { ByteTokenizer } from '../byte-tokenizer';
import { FileTokenizer, type FileTokenizerOptions } from '../file-tokenizer';
import type { Tokenizer } from '../tokenizer';

const decoded: Record<string, { ids: number[]; text: string }[]> = JSON.parse(
  readFileSync(fileURLToPath(new URL('../../fixtures/generation/texts.json', import.meta.url)), 'utf8'),
);

const openTokenizer = (name: string, options: FileTokenizerOptions = {}) => {
  const file = fileURLToPath(new URL(`../../fixtures/${name}.json`, import.meta.url));
  return new FileTokenizer(readFileSync(file), name, options);
};

describe.each(Object.entries(decoded))('with the tokenizer %s', (name, texts) => {
  const tokenizer = openTokenizer(name);
  const decode = (ids: readonly number[]) => tokenizer.decode(ids);

  it('tokens become the text that Python makes of them', () => {
    for (const { ids, text } of texts) expect(decode(ids)).toBe(text);
  });

  it('a text that grows by a token at a time is in the end what all of them give, in whole characters', () => {
    for (const { ids, text } of texts) {
      for (const split of [0, 1, Math.floor(ids.length / 2)]) {
        const growing = new ContinuedText(tokenizer, ids.slice(0, split));
        const pieces = ids.slice(split).map((id) => growing.add(id));
        pieces.push(growing.end());
        const isCut = text.includes('\uFFFD') ? /[\uD800-\uDBFF]$/ : /[\uD800-\uDBFF]$|\uFFFD/;
        for (const piece of pieces) expect(piece).not.toMatch(isCut);
        if (split === 0) expect(pieces.join('')).toBe(text);
        else if (text.startsWith(decode(ids.slice(0, split))))
          expect(decode(ids.slice(0, split)) + pieces.join('')).toBe(text);
      }
    }
  });
});

const cleaning = {
  modelType: 'bert',
  config: { tokenizer_class: 'PreTrainedTokenizerFast', clean_up_tokenization_spaces: true },
  specialTokens: {},
};

it.each<[string, Tokenizer & { decode(ids: readonly number[]): string; growing(): GrowingText }]>([
  ['bytes', new ByteTokenizer()],
  ...['byte-level-bpe', 'byte-fallback-bpe', 'split-bpe', 'sentence-piece', 'unigram', 'word-piece'].map(
    (name) => [name, openTokenizer(name)] as [string, FileTokenizer],
  ),
  ['word-piece, cleaned up', openTokenizer('word-piece', { settings: cleaning })],
  ['unigram, cleaned up', openTokenizer('unigram', { settings: cleaning })],
])('any tokens, up to each of them, are what decoding them as a whole gives: %s', (_, tokenizer) => {
  const key = RandomKey.from(5);
  for (let text = 0; text < 60; text++) {
    const from = key.fold(text);
    const length = from.fold('length').integer(1, 14);
    const few = from.fold('few').integer(2, tokenizer.vocabSize + 3); // among few tokens some come again and again
    const ids = Array.from({ length }, (_unused, place) => from.fold(place).integer(0, few));
    let said = '';
    const growing = tokenizer.growing();
    for (let end = 1; end <= length; end++) {
      said += growing.add(ids[end - 1]!);
      const upTo = tokenizer.growing();
      const certain = ids
        .slice(0, end)
        .map((id) => upTo.add(id))
        .join('');
      expect(certain).toBe(said);
      expect(certain + upTo.end()).toBe(tokenizer.decode(ids.slice(0, end)));
    }
  }
});

it('holds the bytes of a character back until it is whole, and gives what never became one at the end', () => {
  const bytes = [...new TextEncoder().encode('é犬🐕')];
  const tokenizer = new ByteTokenizer();
  const growing = new ContinuedText(tokenizer, tokenizer.encodePart('a'));
  expect(bytes.map((byte) => growing.add(byte + 3))).toEqual(['', 'é', '', '', '犬', '', '', '', '🐕']);
  expect(growing.add(0xf0 + 3)).toBe('');
  expect(growing.end()).toBe('\uFFFD');
});

it('gives the whole character that a prompt ends within, and all at the end where a codec cannot tell before', () => {
  const [first, second] = new TextEncoder().encode('é');
  const growing = new ContinuedText(new ByteTokenizer(), [100, first! + 3]);
  expect(growing.add(second! + 3)).toBe('é');
  const whole = new ContinuedText({ decode: (ids) => String.fromCharCode(...ids) }, [97, 98]);
  expect([whole.add(99), whole.add(100), whole.end()]).toEqual(['', '', 'cd']);
});
