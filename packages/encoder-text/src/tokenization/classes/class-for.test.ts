import { readFileSync } from 'node:fs';
import { FileFormatError } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { FileTokenizer } from '../../file-tokenizer';
import { classFor } from './class-for';
import { followedClasses } from './followed-classes';

// Made by tools/parity/tokenizer_classes.py: what AutoTokenizer takes for each `tokenizer_class`.
const classes: Record<string, string> = JSON.parse(
  readFileSync(new URL('../../../fixtures/tokenization/tokenizer-classes.json', import.meta.url), 'utf8'),
);
const settings = { config: {}, specialTokens: {}, modelType: 'llama' };
const of = (name: string, type?: string) =>
  classFor({ model: { ...(type && { type }) } }, { tokenizer_class: name }, settings);

describe('a tokenizer class', () => {
  it.each(Object.entries(classes))('%s is followed, refused, or one for which the file counts', (name, taken) => {
    for (const each of [name, `${name}Fast`]) {
      if (taken === 'file') expect(of(each)).toBeUndefined();
      else if (Object.hasOwn(followedClasses, taken)) expect(of(each)).toBe(followedClasses[taken]);
      else expect(() => of(each)).toThrow(FileFormatError);
    }
  });

  it('that is refused is named, with what to do', () => {
    expect(() => of('WhisperTokenizer')).toThrow(
      /^tokenizer_config\.json, tokenizer_class: expected one of .*received "WhisperTokenizer".*"PreTrainedTokenizerFast"/,
    );
    expect(() => of('GPT2Tokenizer', 'WordPiece')).toThrow(/received "GPT2Tokenizer", which is for BPE/);
  });

  it('of config.json counts where tokenizer_config.json has none, and that of the model where neither has', () => {
    const file = { model: {} };
    expect(classFor(file, {}, { ...settings, modelTokenizerClass: 'T5Tokenizer' })).toBe(followedClasses.T5Tokenizer);
    expect(classFor(file, {}, { ...settings, modelType: 'gpt2' })).toBe(followedClasses.GPT2Tokenizer);
    expect(classFor(file, {}, settings)).toBeUndefined();
  });
});

describe('the tokenizer of CLIP', () => {
  it('decodes ends of words as spaces', () => {
    const vocab = { '<|startoftext|>': 0, '<|endoftext|>': 1, 'a</w>': 2, b: 3, 'c</w>': 4 };
    const file = { model: { type: 'BPE', vocab, merges: [] }, added_tokens: [] };
    const config = { tokenizer_class: 'CLIPTokenizer' };
    const tokenizer = new FileTokenizer(new TextEncoder().encode(JSON.stringify(file)), 'tokenizer.json', {
      settings: { config, specialTokens: {}, modelType: 'clip' },
    });
    expect(tokenizer.decode([0, 2, 3, 4, 1])).toBe('a bc');
    expect(tokenizer.decodeAll([0, 2, 3, 4, 1])).toBe('<|startoftext|>a bc <|endoftext|>');
  });
});
