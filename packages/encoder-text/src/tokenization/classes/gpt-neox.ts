import { bpe, byteLevel, template } from './parts';
import type { TokenizerClass } from './tokenizer-class';

export const gptNeoxTokenizer: TokenizerClass = {
  model: 'BPE',
  defaults: {
    unk_token: '<|endoftext|>',
    bos_token: '<|endoftext|>',
    eos_token: '<|endoftext|>',
    pad_token: '<|padding|>',
  },
  parts: (file, config) => ({
    model: bpe(file, {}),
    normalizer: { type: 'NFC' },
    pre_tokenizer: byteLevel(config.add_prefix_space),
    decoder: byteLevel(false),
  }),
  postProcessor: () => template(['A', 0], ['A', 0, 'B', 1], {}),
};
