import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ConfigError, FileFormatError, type ProcessorSetup, parseConfig, SampleError } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { textProcessor } from './text-processor';

const path = (name: string) => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
const newModel: ProcessorSetup = { slot: 'text', savedFile: () => undefined };

const create = (options: object = {}, setup = newModel) =>
  textProcessor.create(parseConfig(textProcessor.config, options, 'encoders.text'), setup);

describe('TextProcessor', () => {
  it('takes bytes as tokens by default, with 512 of them at most', () => {
    const processor = create();
    const { inputIds } = processor.process('三');
    expect(inputIds.data).toBeInstanceOf(Uint16Array);
    expect([...inputIds.data]).toEqual([2, 0xe4 + 3, 0xb8 + 3, 0x89 + 3, 1]);
    expect(processor.process('x'.repeat(1000)).inputIds.shape).toEqual([512]);
  });

  it('counts the texts that it had to cut', () => {
    const processor = create({ maxLength: 8 });
    for (const text of ['short', 'exactly', 'much too long', '長い文章']) processor.process(text);
    expect(processor.truncatedTexts).toBe(3);
  });

  it('pads rows to a multiple of bucketSize, never past maxLength, and masks the padding', () => {
    const processor = create({ bucketSize: 4, maxLength: 10 });
    const rows = ['ab', 'abc', 'abcdefgh'].map((text) => processor.process(text));
    expect(rows.map((row) => processor.shape(row).lengths.tokens)).toEqual([4, 8, 10]);
    const { inputIds, mask } = processor.collate(rows.slice(0, 2));
    expect(inputIds.shape).toEqual([2, 8]);
    expect(inputIds.data).toBeInstanceOf(Uint16Array);
    expect([...mask.data]).toEqual([1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0]);
    expect([...inputIds.data.subarray(4, 8)]).toEqual([0, 0, 0, 0]);
    expect(processor.collate(rows).inputIds.shape).toEqual([3, 10]);
    const { data } = processor.collate(rows.slice(0, 1), { tokens: 10 }).mask;
    expect([...data]).toEqual([...Array(4).fill(1), ...Array(6).fill(0)]);
    expect(() => processor.collate(rows, { tokens: 11 })).toThrow('at most 10, the maxLength');
  });

  it('takes an empty string for a present text without content', () => {
    expect([...create().process('').inputIds.data]).toEqual([2, 1]);
    const bert = create({ tokenizer: { file: path('word-piece.json') } });
    expect([...bert.process('').inputIds.data]).toEqual([2, 3]); // [CLS] [SEP]
  });

  it('refuses an empty string where the tokenizer adds no special tokens', () => {
    const processor = create({ tokenizer: { file: path('split-bpe.json') } });
    expect(() => processor.process('')).toThrow(SampleError);
    expect(() => processor.process('')).toThrow(/at least one token, received "".*leave the modality out/);
  });

  it.each<[unknown, string]>([
    [7, '7'],
    [['a'], 'an array of 1'],
    [{ text: 'a' }, 'an object with text'],
    [Buffer.from('a'), 'an object (Buffer)'],
  ])('refuses %j, which is no string', (raw, received) => {
    expect(() => create().process(raw as string)).toThrow(SampleError);
    expect(() => create().process(raw as string)).toThrow(`expected a string, received ${received}.`);
  });

  it('keeps its tokenizer with the model, which then needs no path', () => {
    const first = create({ tokenizer: { file: path('byte-level-bpe.json') } });
    const saved = first.files();
    const elsewhere: ProcessorSetup = { slot: 'text', savedFile: (name) => saved[name] };
    const second = create({ tokenizer: { file: 'gone/tokenizer.json' } }, elsewhere);
    expect(second.process('семь 🐶')).toEqual(first.process('семь 🐶'));
    expect(second.vocabSize).toBe(400);
    expect(create().files()).toEqual({});
  });

  it('names the option whose file is missing, and the file that is broken', () => {
    expect(() => create({ tokenizer: { file: 'gone.json' } })).toThrow(ConfigError);
    expect(() => create({ tokenizer: { file: 'gone.json' } })).toThrow(
      /encoders\.text\.tokenizer\.file: .*"gone\.json": expected a file.*Relative paths start from/,
    );
    expect(() => create({ tokenizer: { file: '/dev/zero' } })).toThrow(ConfigError); // and ends
    expect(() => create({ tokenizer: { file: fileURLToPath(import.meta.url) } })).toThrow(FileFormatError);
  });

  it('refuses another word than bytes', () => {
    expect(() => create({ tokenizer: 'byte' })).toThrow(/encoders\.text\.tokenizer/);
  });

  it('reads the tokenizer.json itself, not a part of a larger buffer', () => {
    const file = readFileSync(path('word-piece.json'));
    const inside = Buffer.concat([Buffer.from('xx'), file]).subarray(2);
    const setup: ProcessorSetup = { slot: 'text', savedFile: () => inside };
    expect(create({ tokenizer: { file: 'gone' } }, setup).vocabSize).toBe(300);
  });
});
