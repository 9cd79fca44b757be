import { FileFormatError } from '@polymodal/core';
import type { Json } from '../read/file-part';
import { bertTokens } from './bert';
import { charsmapOf, modelOf, template, wordMarks } from './parts';
import type { TokenizerClass } from './tokenizer-class';

export const albertTokenizer: TokenizerClass = {
  model: 'Unigram',
  defaults: { ...bertTokens, bos_token: '[CLS]', eos_token: '[SEP]', unk_token: '<unk>', pad_token: '<pad>' },
  parts(file, config, { cls_token, sep_token }) {
    for (const token of [cls_token, sep_token]) requireToken(file, token);
    const charsmap = charsmapOf(file);
    return {
      model: { ...modelOf(file), unk_id: 1, byte_fallback: false },
      normalizer: {
        type: 'Sequence',
        normalizers: [
          { type: 'Replace', pattern: { String: '``' }, content: '"' },
          { type: 'Replace', pattern: { String: "''" }, content: '"' },
          ...(config.keep_accents === true ? [] : [{ type: 'NFKD' }, { type: 'StripAccents' }]),
          ...(config.do_lower_case === false ? [] : [{ type: 'Lowercase' }]),
          ...(charsmap ? [charsmap] : []),
        ],
      },
      ...wordMarks(config.add_prefix_space !== false),
    };
  },
  postProcessor: ({ cls_token = '', sep_token = '' }, idOf) =>
    template(['[CLS]', 0, 'A', 0, '[SEP]', 0], ['[CLS]', 0, 'A', 0, '[SEP]', 0, 'B', 1, '[SEP]', 1], {
      '[CLS]': idOf(cls_token)!,
      '[SEP]': idOf(sep_token)!,
    }),
};

/** Python fails without them. */
function requireToken(file: Json, token: string | undefined): void {
  const { vocab } = modelOf(file) as { readonly vocab: readonly (readonly [string, number])[] };
  if (vocab.some(([each]) => each === token)) return;
  throw new FileFormatError({
    where: 'tokenizer.json, model.vocab',
    expected: `the token ${JSON.stringify(token)}, which AlbertTokenizer puts around texts`,
    received: 'a vocabulary without it',
  });
}
