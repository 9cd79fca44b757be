import { bertTokenizer } from './bert';
import type { TokenizerClass } from './tokenizer-class';

export const mpnetTokenizer: TokenizerClass = {
  ...bertTokenizer,
  defaults: {
    bos_token: '<s>',
    eos_token: '</s>',
    sep_token: '</s>',
    cls_token: '<s>',
    unk_token: '[UNK]',
    pad_token: '<pad>',
    mask_token: '<mask>',
  },
  splitsOff: (name) => (name === 'mask_token' ? { lstrip: true } : {}),
  postProcessor: ({ cls_token = '', sep_token = '' }, idOf) => ({
    type: 'RobertaProcessing',
    sep: [sep_token, idOf(sep_token) ?? 2],
    cls: [cls_token, idOf(cls_token) ?? 0],
    trim_offsets: true,
    add_prefix_space: false,
  }),
};
