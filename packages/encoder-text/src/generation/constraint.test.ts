import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ConfigError, parseConfig, RandomKey, type TokenCodec } from '@polymodal/core';
import {
  type ConstraintOption,
  constraintOf,
  type GenerationOptions,
  generateTokens,
  generationOptions,
  type TokenDecoder,
} from '@polymodal/generation';
import { Ajv2020 } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { ByteTokenizer } from '../byte-tokenizer';
import { FileTokenizer } from '../file-tokenizer';
import { TextProcessor } from '../text-processor';
import type { Tokenizer } from '../tokenizer';

type Json = Record<string, never> & { model: { vocab: never } };

/** A tokenizer of the fixtures, changed to one of the layouts that models have. */
function fixture(name: string, changed: (file: Json) => object = (file) => file): FileTokenizer {
  const path = fileURLToPath(new URL(`../../fixtures/${name}.json`, import.meta.url));
  return new FileTokenizer(Buffer.from(JSON.stringify(changed(JSON.parse(readFileSync(path, 'utf8'))))), name);
}

/** As Llama's file says it. */
const llamaDecoder = {
  type: 'Sequence',
  decoders: [
    { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
    { type: 'ByteFallback' },
    { type: 'Fuse' },
    { type: 'Strip', content: ' ', start: 1, stop: 0 },
  ],
};
const letters = [...Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index)), ...'üöé犬ß'];
const withLetters = (file: Json) => {
  const vocab = file.model.vocab as unknown as [string, number][];
  const missing = letters.filter((letter) => !vocab.some(([piece]) => piece === letter));
  return { ...file, model: { ...file.model, vocab: [...vocab, ...missing.map((letter) => [letter, -9])] } };
};
const tokenizers: [string, Tokenizer, number][] = [
  ['bytes', new ByteTokenizer(), 1],
  ['byte-level BPE', fixture('byte-level-bpe'), 0],
  ['BPE that falls back on bytes', fixture('byte-fallback-bpe', (file) => ({ ...file, decoder: llamaDecoder })), 2],
  ['SentencePiece', fixture('sentence-piece', withLetters), 1],
];
const codecOf = (tokenizer: Tokenizer) =>
  new TextProcessor({ maxLength: 64, bucketSize: 16 }, tokenizer).codec as TokenCodec<string>;

/** Draws whatever comes to its mind, what closes things a little more often, so that it comes to an end. */
function babbler(codec: TokenCodec, end: number): TokenDecoder {
  const favoured = Array.from({ length: codec.vocabSize }, (_, id) => {
    const bytes = codec.bytesOf?.(id) ?? [];
    return id === end
      ? 5
      : bytes.length > 0 && bytes.every((byte) => '"}],'.includes(String.fromCharCode(byte)))
        ? 4
        : 0;
  });
  let state = 1;
  const uniform = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return {
    vocabSize: codec.vocabSize,
    maxLength: 10_000,
    start(prompts) {
      let rows = prompts.length;
      const logits = async () =>
        Float32Array.from(
          { length: rows * codec.vocabSize },
          (_, index) => 6 * uniform() + favoured[index % codec.vocabSize]!,
        );
      return {
        prefill: logits,
        step: logits,
        select: (chosen) => {
          rows = chosen.length;
        },
        dispose: () => undefined,
      };
    },
  };
}

interface Babbled {
  readonly text: string;
  readonly finishReason: string;
}

async function babbled(
  [, tokenizer, end]: (typeof tokenizers)[number],
  constraint: ConstraintOption,
  count: number,
  options: GenerationOptions = { doSample: true, topK: 0 },
): Promise<Babbled[]> {
  const codec = codecOf(tokenizer);
  const ids: number[][] = Array.from({ length: count }, () => []);
  const reasons: string[] = [];
  const prompts = ids.map(() => Int32Array.of(5));
  const asked = { maxNewTokens: 250, eosTokenId: end, constraint, ...options, codec, key: RandomKey.from(7) };
  for await (const turn of generateTokens(babbler(codec, end), prompts, asked)) {
    for (const { index, id, finishReason } of turn) {
      if (id !== end) ids[index]!.push(id);
      if (finishReason) reasons[index] = finishReason;
    }
  }
  const bytes = (own: readonly number[]) => Buffer.concat(own.map((id) => codec.bytesOf!(id) ?? new Uint8Array(0)));
  return ids.map((own, index) => ({ text: bytes(own).toString(), finishReason: reasons[index]! }));
}

const schema = {
  type: 'object',
  properties: {
    name: { type: 'string', maxLength: 12 },
    kind: { enum: ['größer', '犬"\\', 3.5, null, { a: [1, true] }] },
    age: { type: 'integer', minimum: -17, exclusiveMaximum: 205 },
    size: { type: 'number' },
    plate: { type: 'string', pattern: '^[A-Z]{1,3}-\\d{2,4}["é犬]?$' },
    born: { type: 'string', format: 'date' },
    tags: { type: 'array', items: { $ref: '#/$defs/tag' }, minItems: 1, maxItems: 3 },
    pair: { type: 'array', prefixItems: [{ type: 'boolean' }, { type: ['integer', 'null'] }], items: false },
    child: { $ref: '#' },
  },
  required: ['kind', 'age', 'tags'],
  additionalProperties: { type: 'integer' },
  $defs: {
    tag: {
      anyOf: [
        { type: 'string', minLength: 1, maxLength: 4 },
        { type: 'array', items: { type: 'boolean' } },
      ],
    },
  },
};

describe.each(tokenizers)('a text that is constrained, in the tokens of %s', (...tokenizer) => {
  it('is a value of its schema, every one that is complete, drawn in any way', async () => {
    const ajv = new Ajv2020({ strictTuples: false });
    (addFormats as unknown as (own: Ajv2020) => void)(ajv);
    const validate = ajv.compile(schema);
    const ways: GenerationOptions[] = [
      { doSample: true, topK: 0 },
      { doSample: true, topK: 3, temperature: 3 },
      { doSample: true, topP: 0.3, repetitionPenalty: 2, frequencyPenalty: 1 },
      { doSample: true, topK: 0, minP: 0.5, typicalP: 0.5, temperature: 0.3 },
      {},
    ];
    let complete = 0;
    for (const way of ways) {
      for (const { text, finishReason } of await babbled(tokenizer, { schema }, 8, way)) {
        if (finishReason === 'length') continue;
        complete++;
        expect(validate(JSON.parse(text)), `${text} ${JSON.stringify(validate.errors)}`).toBe(true);
        expect(text).not.toContain('\uFFFD');
      }
    }
    expect(complete).toBeGreaterThan(30); // of 40
  });

  it('is any JSON, matches its pattern, or is of its grammar', async () => {
    for (const { text, finishReason } of await babbled(tokenizer, { schema: true }, 8)) {
      if (finishReason === 'stop') JSON.parse(text);
    }
    const pattern = String.raw`(?:[a-c]|ü)+,(\d{2}|x[^\s\w])?犬{1,2}`;
    for (const { text, finishReason } of await babbled(tokenizer, { pattern }, 8))
      if (finishReason === 'stop') expect(text).toMatch(new RegExp(`^(?:${pattern})$`, 'u'));
    const grammar = 'root ::= "(" root ")" | [ab]{2} # nested\n  | "é"';
    for (const { text, finishReason } of await babbled(tokenizer, { grammar }, 8))
      if (finishReason === 'stop') expect(text).toMatch(/^(\(*)([ab]{2}|é)(\)*)$/);
  });

  it('says that it is not complete where there are not enough tokens', async () => {
    const [{ text, finishReason }] = (await babbled(tokenizer, { schema }, 1, { maxNewTokens: 5 })) as [Babbled];
    expect(finishReason).toBe('length');
    expect(() => JSON.parse(text)).toThrow(SyntaxError);
  });

  it('is found by search in beams, too', async () => {
    const beams = await babbled(tokenizer, { pattern: 'ab|ac|bcd' }, 2, { numBeams: 4 });
    for (const { text } of beams) expect(['ab', 'ac', 'bcd']).toContain(text);
  });
});

describe('a constraint of an unusual kind', () => {
  const anyOf = async (constraint: ConstraintOption, count = 8) =>
    (await babbled(tokenizers[0]!, constraint, count)).map(({ text }) => text);

  it('is kept of numbers with more digits than are exact, and of bounds beyond them', async () => {
    for (const text of await anyOf({ schema: { type: 'integer', minimum: 0, maximum: 1e300 } }))
      expect(text).toMatch(/^\d{1,15}$/);
    for (const text of await anyOf({ schema: { type: 'integer', minimum: 2e15 } }))
      expect(Number(text), text).toBeGreaterThanOrEqual(2e15);
  });

  it('is kept of characters that only long escapes write, and of pairs of surrogates', async () => {
    const texts = await anyOf({ schema: { type: 'string', pattern: String.raw`^(a\x01|b)$` } }, 16);
    expect([...new Set(texts.map((text) => JSON.parse(text)))].sort()).toEqual(['a\u0001', 'b']);
    expect(await anyOf({ pattern: String.raw`\ud83d\ude00` }, 1)).toEqual(['😀']);
  });

  it('is one of thousands of values', async () => {
    const values = Array.from({ length: 12_000 }, (_, index) => `${(index * 7919) % 100_003} ${index % 3 ? '' : 'é"'}`);
    const texts = await anyOf({ schema: { enum: [...values, '', 7, { a: 1 }] } });
    for (const text of texts) expect([...values, '', 7, { a: 1 }]).toContainEqual(JSON.parse(text));
    const few = await anyOf({ schema: { enum: ['a', 'ab', 'b', ''] } }, 64);
    expect([...new Set(few)].sort()).toEqual(['""', '"a"', '"ab"', '"b"']);
  });

  it('may have hundreds of properties that need not come', async () => {
    const properties = Object.fromEntries(Array.from({ length: 400 }, (_, index) => [`p${index}`, { type: 'null' }]));
    for (const text of await anyOf({ schema: { type: 'object', properties } }, 2)) expect(text).toMatch(/^\{/);
  });
});

const holdingItself: Record<string, unknown> = { type: 'array' };
holdingItself.items = holdingItself;

describe('what cannot be kept', () => {
  it.each<[ConstraintOption, RegExp]>([
    [
      { schema: { type: 'object', patternProperties: {} } },
      /schema #: expected keywords that are kept.*"patternProperties"/,
    ],
    [{ schema: { type: 'string', maxLenght: 3 } }, /"maxLenght"\. Did you mean "maxLength"/],
    [
      { schema: { type: 'object', properties: { a: { type: 'number', minimum: 1 } } } },
      /#\/properties\/a: .*type number.*"minimum"/,
    ],
    [{ schema: { type: 'array', uniqueItems: true } }, /"uniqueItems"/],
    [{ schema: { allOf: [] } }, /"allOf"/],
    [{ schema: { type: 'strin' } }, /#\/type: expected one of object, array.*"strin"/],
    [{ schema: { type: 'string', format: 'email' } }, /#\/format: expected one of date.*"email"/],
    [{ schema: { oneOf: [{ type: 'integer' }, { type: 'number' }] } }, /#\/oneOf: expected schemas of different types/],
    [{ schema: { type: 'integer', minimum: 3, maximum: 2 } }, /none from 3 to 2/],
    [{ schema: { $ref: 'https://example.com' } }, /\$ref: expected a reference within the document/],
    [{ schema: { $ref: '#/$defs/none' } }, /#\/\$defs\/none: expected a schema in the document/],
    [{ schema: { $ref: '#' } }, /expected rules that (end|begin)/],
    [{ schema: { type: 'object', properties: { a: { $ref: '#' } }, required: ['a'] } }, /expected rules that end/],
    [{ pattern: 'a(?=b)' }, /pattern: expected a group that does not look around at character 3/],
    [{ pattern: String.raw`(a)\1` }, /an escape that is kept/],
    [{ pattern: 'a{3' }, /bounds such as/],
    [{ pattern: '(a' }, /the end of a group/],
    [{ grammar: 'root ::= other' }, /expected rules that there are, received "other"/],
    [{ grammar: 'other ::= "a"' }, /a rule "root"/],
    [{ grammar: 'root ::= root "a" | "a"' }, /rules that begin with something else, received "root"/],
    [{ grammar: 'root = "a"' }, /a rule: name ::=/],
    [{ grammar: 'root ::= x "a"\nx ::= "c"? y\ny ::= root | "b"' }, /begin with something else, received "root"/],
    [{ schema: { $ref: '#/$defs/100%' } }, /#\/\$ref: .*a percent sign is written %25, received "#\/\$defs\/100%"/],
    [{ schema: { type: 'integer', minimum: 1e300 } }, /a whole number within ±9007199254740991/],
    [{ schema: { const: 10n } }, /schema #\/const: expected what JSON can write, received a bigint/],
    [{ schema: { enum: [Number.NaN] } }, /schema #\/enum\/0: expected what JSON can write, received NaN/],
    [{ schema: holdingItself }, /schema #\/items\/items.*expected at most 256 values in one another.*"\$ref"/],
    [{ pattern: String.raw`\u{110000}` }, /a code point up to 10ffff/],
    [{ pattern: String.raw`\ud83d` }, /half of a surrogate pair/],
    [{ grammar: 'root ::= "\ud83d"' }, /grammar: expected whole characters, received half of a surrogate pair/],
    [{ pattern: '((a{1000}){1000}){1000}b{300000}' }, /a grammar of at most 200000 places/],
  ])('is refused by name: %o', async (constraint, message) => {
    const asked = babbled(tokenizers[0]!, constraint, 1);
    await expect(asked).rejects.toThrow(ConfigError);
    await expect(asked).rejects.toThrow(message);
  });

  it('is refused where it is long, or nested deeply', async () => {
    const nested = '('.repeat(20_000);
    const codec = codecOf(tokenizers[0]![1]);
    expect(() => constraintOf({ pattern: nested }, codec)).toThrow(
      /at most 200 groups in one another at character 201/,
    );
    expect(() => constraintOf({ grammar: `root ::= ${nested}` }, codec)).toThrow(/at most 200 groups in one another/);
    expect(() => constraintOf({ pattern: 'a'.repeat(200_000) }, codec)).toThrow(
      /at most 100000 characters, received 200000/,
    );
  });

  it.each([null, {}, { pattern: 'a', grammar: 'root ::= "a"' }])(
    'is one of three kinds, which %j is not',
    (constraint) => {
      const asked = () => parseConfig(generationOptions, { constraint }, 'asked');
      expect(asked).toThrow('asked.constraint: expected one of { schema }, { pattern } and { grammar }, received');
    },
  );

  it('is refused where the bytes of tokens depend on others, or no token has them', async () => {
    const hint = 'Some vocabularies have no token for a character of a constraint';
    await expect(babbled(['', fixture('sentence-piece'), 1], { pattern: '[{]' }, 1)).rejects.toThrow(hint);
    const codec = { vocabSize: 3, bytesOf: () => undefined };
    expect(() => constraintOf({ pattern: 'a' }, codec)).toThrow(/a tokenizer whose tokens add the same bytes/);
    expect(() => constraintOf({ pattern: 'a' }, undefined)).toThrow(
      /constraint: expected a model whose tokens are known/,
    );
  });
});
