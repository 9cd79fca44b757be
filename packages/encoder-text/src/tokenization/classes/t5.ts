import { charsmapOf, modelOf, template, wordMarks } from './parts';
import type { TokenizerClass } from './tokenizer-class';

export const t5Tokenizer: TokenizerClass = {
  model: 'Unigram',
  defaults: { eos_token: '</s>', unk_token: '<unk>', pad_token: '<pad>' },
  parts: (file) => ({
    model: { ...modelOf(file), unk_id: 2, byte_fallback: false },
    normalizer: charsmapOf(file),
    ...wordMarks(true),
  }),
  postProcessor: ({ eos_token = '' }, idOf) =>
    template(['A', 0, '</s>', 0], ['A', 0, '</s>', 0, 'B', 0, '</s>', 0], { '</s>': idOf(eos_token)! }),
};
