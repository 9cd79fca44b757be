import { readFileSync } from 'node:fs';
import { FileFormatError, SampleError } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { FileTokenizer } from './file-tokenizer';
import type { LocatedWindows } from './tokenizer';

const fixture = (name: string) => readFileSync(new URL(`../fixtures/${name}`, import.meta.url));

// Made by tools/parity/text.py with Python's tokenizers.
const { texts, tokenizers } = JSON.parse(fixture('ids.json').toString()) as {
  texts: string[];
  tokenizers: Record<string, { vocabSize: number; ids: number[][]; truncatedTo7: number[][] }>;
};

describe.each(Object.entries(tokenizers))('FileTokenizer with %s', (name, expected) => {
  const tokenizer = new FileTokenizer(fixture(`${name}.json`), name);

  it.each(texts.map((text, index) => [text, index] as const))(
    "gives the ids of Python's tokenizers for %j",
    (text, index) => {
      expect([...tokenizer.encode(text, 1000).ids]).toEqual(expected.ids[index]);
      const { ids, truncated } = tokenizer.encode(text, 7);
      expect([...ids]).toEqual(expected.truncatedTo7[index]);
      expect(truncated).toBe(expected.ids[index].length > 7);
    },
  );

  it('knows the size of its vocabulary', () => {
    expect(tokenizer.vocabSize).toBe(expected.vocabSize);
  });

  it('hands back its file for a model to keep', () => {
    expect(Buffer.from(tokenizer.files()['tokenizer.json']).equals(fixture(`${name}.json`))).toBe(true);
  });
});

// Made by tools/parity/text_spans.py.
const places = JSON.parse(fixture('token-places.json').toString());

describe.each(Object.keys(places.tokenizers))('where tokens stand, by %s', (name) => {
  const tokenizer = new FileTokenizer(fixture(`${name}.json`), name);
  const { texts, one, pair, length } = places.tokenizers[name];
  const plain = ({ windows }: LocatedWindows) =>
    windows.map(({ ids, typeIds, offsets, words }) => ({
      ids: [...ids],
      typeIds: [...typeIds],
      offsets: Array.from(ids, (_, at) => [offsets[2 * at], offsets[2 * at + 1]]),
      words: [...words],
    }));

  it("is said as by Python's tokenizers, in units of UTF-16, of odd texts", () => {
    (places.odd as string[]).forEach((text, index) => {
      const located = tokenizer.locate([text], { maxLength: 1000, stride: 0, most: 1 });
      expect(plain(located), text).toEqual([texts[index]]);
    });
  });

  it('is said in windows that overlap, behind the first text of a pair', () => {
    const options = { maxLength: length, stride: places.stride, most: 99 };
    expect(plain(tokenizer.locate([places.long], options))).toEqual(one);
    const located = tokenizer.locate([places.question, places.long], options);
    expect(plain(located)).toEqual(pair);
    expect(located.windows.map(({ first }) => first)).toEqual(
      pair.map((_: unknown, at: number) => at * (room(pair) - places.stride)),
    );
    const few = tokenizer.locate([places.question, places.long], { ...options, most: 2 });
    expect(few).toEqual({ windows: located.windows.slice(0, 2), truncated: true });
    expect(() => tokenizer.locate([places.question, places.long], { ...options, stride: 60 })).toThrow(SampleError);
  });
});

function room([first]: { offsets: number[][] }[]): number {
  return first!.offsets.filter(([start]) => start! >= 0).length;
}

describe('FileTokenizer', () => {
  it('refuses what is no text, no pair and no list of ids', () => {
    const tokenizer = new FileTokenizer(fixture('word-piece.json'), 'bert');
    for (const wrong of [undefined, null, 3, ['a'], Symbol('s')] as never[]) {
      expect(() => tokenizer.encode(wrong, 9)).toThrow(/^text: expected a string, received/);
      expect(() => tokenizer.encodeText(wrong)).toThrow(SampleError);
      if (wrong !== undefined)
        expect(() => tokenizer.encodeText('a', { pair: wrong })).toThrow(/^pair: expected a string/);
    }
    for (const wrong of [undefined, null, 3, 'a'] as never[]) {
      expect(() => tokenizer.decode(wrong)).toThrow(/^decode: expected a list of token ids/);
    }
  });

  it.each<[string, string | Uint8Array, RegExp]>([
    ['no JSON', '{"model": ', /bert\/tokenizer\.json: expected a tokenizer\.json.*JSON.*tokenizer\.save/s],
    ['bytes that are no text', Uint8Array.of(0xff, 0xfe, 0x00), /cannot be used/],
    ['an empty file', '', /cannot be used/],
    ['JSON of another kind', '{"hiddenSize": 8}', /cannot be used \(.*model/],
    ['a list', '[1, 2]', /cannot be used/],
    ['null', 'null', /cannot be used/],
    ['an unknown model', withModel({ type: 'Telepathy', vocab: { a: 0 } }), /type "Telepathy"/],
    ['an empty vocabulary', withModel({ type: 'WordPiece', unk_token: '[UNK]', vocab: {} }), /its vocabulary is empty/],
  ])('refuses %s', (_, content, message) => {
    const file = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    expect(() => new FileTokenizer(file, 'bert/tokenizer.json')).toThrow(FileFormatError);
    expect(() => new FileTokenizer(file, 'bert/tokenizer.json')).toThrow(message);
  });

  it.each([
    [withModel({ type: 'BPE', vocab: { '<unk>': 0, a: 1e9 }, merges: [] }), /ids below \d+ for so few tokens/],
    ['{"normalizer": null}', /cannot be used/],
  ])('refuses %s with settings, before it takes memory', (content, message) => {
    const settings = { config: { tokenizer_class: 'LlamaTokenizer' }, specialTokens: {}, modelType: 'llama' };
    const open = () => new FileTokenizer(new TextEncoder().encode(content), 'tokenizer.json', { settings });
    expect(open).toThrow(FileFormatError);
    expect(open).toThrow(message);
  });

  it('gives up at patterns that would take for ever', () => {
    const split = { type: 'Split', pattern: { Regex: '(a+)+$' }, behavior: 'Isolated', invert: false };
    const json = {
      ...JSON.parse(withModel({ type: 'WordLevel', vocab: { a: 0 }, unk_token: 'a' })),
      pre_tokenizer: split,
    };
    const tokenizer = new FileTokenizer(new TextEncoder().encode(JSON.stringify(json)), 'tokenizer.json');
    expect(() => tokenizer.encode(`${'a'.repeat(40)}!`, 10)).toThrow(SampleError);
  });

  it('refuses a text with a word that is outside a vocabulary without unknown token', () => {
    const model = { type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##', vocab: { a: 0, b: 1 } };
    const tokenizer = new FileTokenizer(new TextEncoder().encode(withModel(model)), 'tokenizer.json');
    expect([...tokenizer.encode('a b', 10).ids]).toEqual([0, 1]);
    expect(() => tokenizer.encode('a z', 10)).toThrow(SampleError);
    expect(() => tokenizer.encode('a z', 10)).toThrow(/"\[UNK\]", which is not in its vocabulary/);
  });
});

function withModel(model: object): string {
  return JSON.stringify({
    version: '1.0',
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: { type: 'Whitespace' },
    post_processor: null,
    decoder: null,
    model,
  });
}
