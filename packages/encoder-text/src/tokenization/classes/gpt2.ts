import { bpe, byteLevel } from './parts';
import type { TokenizerClass } from './tokenizer-class';

export const gpt2Tokenizer: TokenizerClass = {
  model: 'BPE',
  defaults: { unk_token: '<|endoftext|>', bos_token: '<|endoftext|>', eos_token: '<|endoftext|>' },
  parts: (file, config) => ({
    model: bpe(file, {}),
    normalizer: null,
    pre_tokenizer: byteLevel(config.add_prefix_space),
    decoder: byteLevel(false),
  }),
};
