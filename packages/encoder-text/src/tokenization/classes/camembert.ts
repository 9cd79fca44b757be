import { charsmapOf, modelOf, wordMarks } from './parts';
import { robertaTokens } from './roberta-tokens';
import type { TokenizerClass } from './tokenizer-class';
import { xlmRobertaTokenizer } from './xlm-roberta';

export const camembertTokenizer: TokenizerClass = {
  ...xlmRobertaTokenizer,
  defaults: robertaTokens,
  splitsOff: (name) => (name === 'mask_token' ? { lstrip: true } : {}),
  parts(file, config, { unk_token }) {
    const { vocab } = modelOf(file) as { readonly vocab: readonly (readonly [string, number])[] };
    const unknown = Math.max(
      0,
      vocab.findIndex(([token]) => token === unk_token),
    );
    return {
      model: { ...modelOf(file), unk_id: unknown, byte_fallback: false },
      normalizer: charsmapOf(file),
      ...wordMarks(config.add_prefix_space !== false),
    };
  },
};
