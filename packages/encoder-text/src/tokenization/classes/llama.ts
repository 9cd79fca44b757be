import { bpe } from './parts';
import type { TokenizerClass } from './tokenizer-class';

export const llamaTokenizer: TokenizerClass = {
  model: 'BPE',
  defaults: { unk_token: '<unk>', bos_token: '<s>', eos_token: '</s>' },
  parts(file, config) {
    const addsSpace = config.add_prefix_space !== false;
    const scheme = config.legacy === true ? 'always' : 'first';
    const strip = addsSpace ? [{ type: 'Strip', content: ' ', start: 1, stop: 0 }] : [];
    return {
      model: {
        ...bpe(file, { fuse_unk: true, byte_fallback: true }),
        continuing_subword_prefix: null,
        end_of_word_suffix: null,
      },
      normalizer: null,
      pre_tokenizer: {
        type: 'Metaspace',
        replacement: '▁',
        prepend_scheme: addsSpace ? scheme : 'never',
        split: false,
      },
      decoder: {
        type: 'Sequence',
        decoders: [
          { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
          { type: 'ByteFallback' },
          { type: 'Fuse' },
          ...strip,
        ],
      },
    };
  },
};
