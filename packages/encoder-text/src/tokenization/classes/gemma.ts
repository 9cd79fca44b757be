import { bpe } from './parts';
import type { TokenizerClass } from './tokenizer-class';

export const gemmaTokenizer: TokenizerClass = {
  model: 'BPE',
  defaults: {
    unk_token: '<unk>',
    bos_token: '<bos>',
    eos_token: '<eos>',
    pad_token: '<pad>',
    mask_token: '<mask>',
  },
  parts: (file, _, { unk_token }) => ({
    model: {
      ...bpe(file, { unk_token, fuse_unk: true, byte_fallback: true }),
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
    },
    normalizer: { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
    pre_tokenizer: { type: 'Split', pattern: { String: ' ' }, behavior: 'MergedWithPrevious', invert: false },
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
        { type: 'ByteFallback' },
        { type: 'Fuse' },
      ],
    },
  }),
};
