import { bertTokenizer, bertTokens } from './bert';
import { modelOf } from './parts';
import type { TokenizerClass } from './tokenizer-class';

export const debertaV2Tokenizer: TokenizerClass = {
  model: 'Unigram',
  defaults: { ...bertTokens, bos_token: '[CLS]', eos_token: '[SEP]' },
  parts(file, config, { unk_token }) {
    const { vocab } = modelOf(file) as { readonly vocab: readonly (readonly [string, number])[] };
    const unknown = vocab.findIndex(([token, score]) => token === unk_token && score === 0);
    const marks = {
      type: 'Metaspace',
      replacement: '▁',
      prepend_scheme: config.add_prefix_space === false ? 'first' : 'always',
      split: true,
    };
    const lowercase = config.do_lower_case === true ? [{ type: 'Lowercase' }] : [];
    const punctuation = config.split_by_punct === true ? [{ type: 'Punctuation', behavior: 'Isolated' }] : [];
    return {
      model: { ...modelOf(file), unk_id: unknown < 0 ? (config.unk_id ?? 1) : unknown, byte_fallback: false },
      normalizer: {
        type: 'Sequence',
        normalizers: [
          ...lowercase,
          { type: 'Replace', pattern: { Regex: String.raw`\s{2,}|[\n\r\t]` }, content: ' ' },
          { type: 'NFC' },
          { type: 'Strip', strip_left: false, strip_right: true },
        ],
      },
      pre_tokenizer: { type: 'Sequence', pretokenizers: [...punctuation, marks] },
      decoder: marks,
    };
  },
  postProcessor: bertTokenizer.postProcessor!,
};
