import { bertTokens } from './bert';
import { bpe, byteLevel, template } from './parts';
import type { TokenizerClass } from './tokenizer-class';

export const debertaTokenizer: TokenizerClass = {
  model: 'BPE',
  defaults: { ...bertTokens, bos_token: '[CLS]', eos_token: '[SEP]' },
  parts: (file, config) => ({
    model: bpe(file, {}),
    normalizer: null,
    pre_tokenizer: byteLevel(config.add_prefix_space),
    decoder: byteLevel(false),
  }),
  postProcessor: ({ cls_token = '', sep_token = '' }, idOf) =>
    template(
      [cls_token, 0, 'A', 0, sep_token, 0],
      [cls_token, 0, 'A', 0, sep_token, 0, sep_token, 0, 'B', 0, sep_token, 0],
      {
        [cls_token]: idOf(cls_token)!,
        [sep_token]: idOf(sep_token)!,
      },
    ),
};
