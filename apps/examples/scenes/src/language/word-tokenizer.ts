import { allQuestions } from '../scene/all-questions';
import type { Edition } from '../scene/edition';
import { type Language, putInWords } from './phrases';

/**
 * A tokenizer.json, as of Hugging Face, that knows the words of all questions in some languages: a token for each word and sign, in
 * Chinese for each character.
 */
export function wordTokenizer(edition: Edition, languages: readonly Language[]): string {
  const sentences = languages.flatMap((language) => allQuestions(edition).map((asked) => putInWords(asked, language)));
  return tokenizerOfWords(
    sentences.map((text) => text.toLowerCase()),
    { lowercase: true },
  );
}

/**
 * A tokenizer.json that knows the words of some texts, which it decodes with punctuation where it belongs. Special
 * tokens, such as one that ends what is written, have the ids from 1 on.
 */
export function tokenizerOfWords(
  texts: readonly string[],
  { lowercase, extra = [] }: { readonly lowercase: boolean; readonly extra?: readonly string[] },
): string {
  const words = new Set(texts.flatMap((text) => text.match(word) ?? []));
  const tokens = ['[UNK]', ...extra, ...[...words].sort()];
  return JSON.stringify({
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: extra.map((content, index) => ({ id: 1 + index, content, special: true, ...asItStands })),
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: false,
      lowercase,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: null,
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordLevel',
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      unk_token: '[UNK]',
    },
  });
}

/** Of a special token. */
const asItStands = { single_word: false, lstrip: false, rstrip: false, normalized: false };

/** As BERT parts texts. */
const word = /\p{Script=Han}|(?:(?!\p{Script=Han})[\p{L}\p{M}\p{N}])+|\p{P}/gu;
