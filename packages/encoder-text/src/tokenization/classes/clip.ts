import { bpe, byteLevel } from './parts';
import type { TokenizerClass } from './tokenizer-class';

const clipPattern = String.raw`<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+`;

/** What Python's `strip` takes away, which is not quite what JavaScript's `trim` does. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the separators of ASCII are white space to Python
const endsOfWhiteSpace = /^[\p{White_Space}\u{1C}-\u{1F}]+|[\p{White_Space}\u{1C}-\u{1F}]+$/gu;

export const clipTokenizer: TokenizerClass = {
  model: 'BPE',
  defaults: {
    unk_token: '<|endoftext|>',
    bos_token: '<|startoftext|>',
    eos_token: '<|endoftext|>',
    pad_token: '<|endoftext|>',
  },
  parts: (file, _, { unk_token }) => ({
    model: { ...bpe(file, {}), unk_token, end_of_word_suffix: '</w>' },
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'NFC' },
        { type: 'Replace', pattern: { Regex: String.raw`\s+` }, content: ' ' },
        { type: 'Lowercase' },
      ],
    },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: clipPattern }, behavior: 'Removed', invert: true },
        byteLevel(false),
      ],
    },
    decoder: byteLevel(false),
  }),
  afterDecoding: { change: (text) => text.replaceAll('</w>', ' ').replace(endsOfWhiteSpace, '') },
  postProcessor: ({ bos_token = '', eos_token = '' }, idOf) => ({
    type: 'RobertaProcessing',
    sep: [eos_token, idOf(eos_token) ?? 0],
    cls: [bos_token, idOf(bos_token) ?? 0],
    trim_offsets: false,
    add_prefix_space: false,
  }),
};
