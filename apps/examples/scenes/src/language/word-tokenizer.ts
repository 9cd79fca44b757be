import { allQuestions } from '../scene/all-questions';
import type { Edition } from '../scene/edition';
import { type Language, putInWords } from './phrases';

/**
 * A tokenizer.json, as of Hugging Face, that knows the words of all questions in some languages: a token for each word and sign, in
 * Chinese for each character.
 */
export function wordTokenizer(edition: Edition, languages: readonly Language[]): string {
  const sentences = languages.flatMap((language) => allQuestions(edition).map((asked) => putInWords(asked, language)));
  const words = new Set(sentences.flatMap((text) => text.toLowerCase().match(word) ?? []));
  const tokens = ['[UNK]', ...[...words].sort()];
  return JSON.stringify({
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [],
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: false,
      lowercase: true,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: null,
    decoder: null,
    model: {
      type: 'WordLevel',
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      unk_token: '[UNK]',
    },
  });
}

/** As BERT parts texts. */
const word = /\p{Script=Han}|(?:(?!\p{Script=Han})[\p{L}\p{M}\p{N}])+|\p{P}/gu;
