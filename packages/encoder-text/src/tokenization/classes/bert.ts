import { modelOf, template } from './parts';
import type { TokenizerClass } from './tokenizer-class';

/** The special tokens of BERT and its kin, where none are given. */
export const bertTokens = {
  unk_token: '[UNK]',
  sep_token: '[SEP]',
  pad_token: '[PAD]',
  cls_token: '[CLS]',
  mask_token: '[MASK]',
};

export const bertTokenizer: TokenizerClass = {
  model: 'WordPiece',
  defaults: bertTokens,
  parts: (file, config, { unk_token }) => ({
    model: {
      ...modelOf(file),
      unk_token,
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
    },
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: config.tokenize_chinese_chars ?? true,
      strip_accents: config.strip_accents ?? null,
      lowercase: config.do_lower_case ?? true,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
  }),
  postProcessor: ({ cls_token = '', sep_token = '' }, idOf) =>
    template([cls_token, 0, 'A', 0, sep_token, 0], [cls_token, 0, 'A', 0, sep_token, 0, 'B', 1, sep_token, 1], {
      [cls_token]: idOf(cls_token) ?? 2,
      [sep_token]: idOf(sep_token) ?? 3,
    }),
};
