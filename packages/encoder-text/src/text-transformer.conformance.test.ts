import { fileURLToPath } from 'node:url';
import type { RandomKey } from '@polymodal/core';
import { describeEncoder } from '@polymodal/testing';
import { describe } from 'vitest';
import { textTransformer } from './text-transformer-definition';

const words = ['sieben', 'dos', '三只狗', 'семь', 'שבע', '🐶', 'naïve', '\t', 'x'];
const sample = (key: RandomKey) =>
  Array.from({ length: key.fold('length').integer(1, 3) }, (_, i) => words[key.fold(i).integer(0, words.length)]).join(
    ' ',
  );

const config = {
  bucketSize: 8,
  maxLength: 32,
  numHiddenLayers: 1,
  numAttentionHeads: 2,
  intermediateSize: 24,
};

describe('of bytes', () => describeEncoder(textTransformer, { sample, config }));

const file = fileURLToPath(new URL('../fixtures/word-piece.json', import.meta.url));
describe('of word pieces, causal, with the last token for the whole', () =>
  describeEncoder(textTransformer, {
    sample,
    config: { ...config, tokenizer: { file }, causal: true, pooling: 'last' },
  }));
