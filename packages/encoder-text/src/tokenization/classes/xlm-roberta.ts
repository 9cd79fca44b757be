import { charsmapOf, modelOf, template, wordMarks } from './parts';
import { robertaTokens } from './roberta-tokens';
import type { TokenizerClass } from './tokenizer-class';

export const xlmRobertaTokenizer: TokenizerClass = {
  model: 'Unigram',
  defaults: robertaTokens,
  parts: (file, config) => ({
    model: { ...modelOf(file), unk_id: 3, byte_fallback: false },
    normalizer: charsmapOf(file),
    ...wordMarks(config.add_prefix_space !== false),
  }),
  postProcessor: ({ bos_token = '', eos_token = '' }, idOf) =>
    template(
      [bos_token, 0, 'A', 0, eos_token, 0],
      [bos_token, 0, 'A', 0, eos_token, 0, eos_token, 0, 'B', 0, eos_token, 0],
      {
        [bos_token]: idOf(bos_token) ?? 0,
        [eos_token]: idOf(eos_token) ?? 0,
      },
    ),
};
