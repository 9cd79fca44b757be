import { bpe, byteLevel } from './parts';
import type { TokenizerClass } from './tokenizer-class';

const qwen2Pattern = String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`;

export const qwen2Tokenizer: TokenizerClass = {
  model: 'BPE',
  defaults: { unk_token: '<|endoftext|>', eos_token: '<|endoftext|>', pad_token: '<|endoftext|>' },
  parts: (file, config) => ({
    model: bpe(file, {}),
    normalizer: { type: 'NFC' },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: qwen2Pattern }, behavior: 'Isolated', invert: false },
        byteLevel(config.add_prefix_space, false),
      ],
    },
    decoder: byteLevel(false),
  }),
};
