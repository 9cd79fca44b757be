import { FileFormatError } from '@polymodal/core';
import type { TokenizerConfig } from '@polymodal/hub';
import { describe, expect, it } from 'vitest';
import { canonicalText } from './canonical-text';
import { siglipTextProcessor } from './siglip-text-processor';

const limits = { maxPositionEmbeddings: 9, vocabSize: 20 };

/** Words as they stand in the vocabulary, and what a text ends with. */
const file = {
  version: '1.0',
  added_tokens: [
    { id: 0, content: '<pad>', special: true },
    { id: 1, content: '</s>', special: true },
  ],
  normalizer: null,
  pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true },
  post_processor: {
    type: 'TemplateProcessing',
    single: [{ Sequence: { id: 'A', type_id: 0 } }, { SpecialToken: { id: '</s>', type_id: 0 } }],
    pair: [],
    special_tokens: { '</s>': { id: '</s>', ids: [1], tokens: ['</s>'] } },
  },
  decoder: null,
  model: {
    type: 'Unigram',
    unk_id: 2,
    byte_fallback: false,
    vocab: [
      ['<pad>', 0],
      ['</s>', 0],
      ['<unk>', 0],
      ['▁a', -1],
      ['▁cat', -1],
      ['▁A', -1],
      ['▁Cat!', -1],
    ],
  },
};

function processorOf(config: TokenizerConfig) {
  const contents = new Map([['tokenizer.json', new TextEncoder().encode(JSON.stringify(file))]]);
  return siglipTextProcessor({ tokenizer: { file: () => file, config, specialTokens: {} }, contents }, limits);
}

const ids = (config: TokenizerConfig, text: string) => [...processorOf(config)!.process(text).inputIds.data];

describe('the processor of SigLIP', () => {
  it('fills texts up to the length of the model, or of its tokenizer where that is less', () => {
    expect(ids({}, 'a cat')).toEqual([3, 4, 1, 1, 1, 1, 1, 1, 1]);
    expect(ids({ model_max_length: 4 }, 'a cat')).toEqual([3, 4, 1, 1]);
    expect(ids({ model_max_length: 1e30, pad_token: { content: '<pad>' } }, 'a')).toEqual([3, 1, 0, 0, 0, 0, 0, 0, 0]);
  });

  it('fills them at the beginning, where the tokenizer says so', () => {
    expect(ids({ padding_side: 'left' }, 'a cat')).toEqual([1, 1, 1, 1, 1, 1, 3, 4, 1]);
  });

  it('cuts longer texts, which end like others', () => {
    expect(ids({ model_max_length: 4 }, 'a a cat a')).toEqual([3, 3, 4, 1]);
  });

  it('masks no token, however long the texts of a batch are', () => {
    const processor = processorOf({})!;
    const { inputIds, mask } = processor.collate([processor.process('a'), processor.process('a cat a')]);
    expect(inputIds.shape).toEqual([2, 9]);
    expect([...mask.data]).toEqual(new Array(18).fill(1));
  });

  it('changes texts before the tokenizer of SigLIP, and not before another', () => {
    expect(ids({ tokenizer_class: 'SiglipTokenizer' }, 'A  Cat!').slice(0, 3)).toEqual([3, 4, 1]);
    expect(ids({ tokenizer_class: 'PreTrainedTokenizerFast' }, 'A Cat!').slice(0, 3)).toEqual([5, 6, 1]);
  });

  it('needs the token that it fills with', () => {
    expect(() => processorOf({ pad_token: '[PAD]' })).toThrow(FileFormatError);
    expect(() => processorOf({ pad_token: '[PAD]' })).toThrow(
      'tokenizer.json: expected a tokenizer with the token "[PAD]"',
    );
  });
});

it.each([
  ["It's a CAT, isn't it?", '▁its a cat isnt it'],
  [' \t two\u00a0 \n words ', '▁ two words'],
  ['a▁b', '▁a b'],
  ['-', ''],
  ['', ''],
])('the canonical form of %j is %j', (text, expected) => {
  expect(canonicalText(text, true)).toBe(expected);
});

it('leaves the case where it is told to', () => {
  expect(canonicalText('A Cat', false)).toBe('▁A Cat');
});
