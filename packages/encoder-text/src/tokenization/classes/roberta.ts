import { bpe, byteLevel } from './parts';
import { robertaTokens } from './roberta-tokens';
import type { TokenizerClass } from './tokenizer-class';

export const robertaTokenizer: TokenizerClass = {
  model: 'BPE',
  defaults: robertaTokens,
  parts: (file, config) => ({
    model: bpe(file, {}),
    normalizer: null,
    pre_tokenizer: byteLevel(config.add_prefix_space),
    decoder: byteLevel(false),
  }),
  postProcessor: ({ cls_token = '', sep_token = '' }, idOf, config) => ({
    type: 'RobertaProcessing',
    sep: [sep_token, idOf(sep_token) ?? 0],
    cls: [cls_token, idOf(cls_token) ?? 0],
    trim_offsets: config.trim_offsets ?? true,
    add_prefix_space: config.add_prefix_space === true,
  }),
};
