import { ConfigError, FileFormatError } from '@polymodal/core';
import type { VocabularyOption } from '@polymodal/head-text';
import { parseJsonFile } from '@polymodal/hub';
import { z } from 'zod';

const ids = z.record(z.string(), z.int().min(0));
const vocabularyFile = z.union([ids, z.record(z.string(), ids)]);
const token = z
  .union([z.string(), z.looseObject({ content: z.string() }).transform(({ content }) => content)])
  .nullish();

/** tokenizer_config.json of HF `Wav2Vec2CTCTokenizer`. */
const tokenizerFile = z.looseObject({
  tokenizer_class: z.string().nullish(),
  unk_token: token,
  pad_token: token,
  word_delimiter_token: token,
  replace_word_delimiter_char: z.literal(' ', { error: "' ', since words are parted by spaces" }).nullish(),
  do_lower_case: z.boolean().nullish(),
  clean_up_tokenization_spaces: z.boolean().nullish(),
  target_lang: z.string().nullish(),
  added_tokens_decoder: z.record(z.string(), z.looseObject({ content: z.string() })).nullish(),
});

/**
 * The vocabulary of a model that writes by CTC, from vocab.json and tokenizer_config.json, as HF `Wav2Vec2CTCTokenizer` reads them.
 *
 * @param file one that stands beside the weights, by name
 * @throws FileFormatError where there is no vocab.json, and for one that does not have a token for each id
 * @throws ConfigError where the blank of the tokenizer is another than that of the model
 */
export function ctcVocabulary(
  file: (name: string) => Uint8Array | undefined,
  { vocabSize, padTokenId }: { readonly vocabSize: number; readonly padTokenId: number },
): Extract<VocabularyOption, { blank: number }> {
  const content = file('vocab.json');
  if (!content) {
    throw new FileFormatError({
      where: 'vocab.json',
      expected: 'the vocabulary that the model writes in, beside its weights',
      received: 'none',
      hint: 'Save it there with save_pretrained of Python’s tokenizer.',
    });
  }
  const settings = parseJsonFile(file('tokenizer_config.json') ?? empty, 'tokenizer_config.json', tokenizerFile);
  const own = ofLanguage(parseJsonFile(content, 'vocab.json', vocabularyFile), settings.target_lang ?? undefined);
  const tokens = tokensOf({ ...addedIds(settings.added_tokens_decoder ?? {}), ...own }, vocabSize);
  const pad = settings.pad_token ?? '<pad>';
  if (tokens[padTokenId] !== pad) {
    throw new ConfigError({
      where: 'pad_token_id',
      expected: `the id of ${JSON.stringify(pad)}, which the tokenizer has for the blank`,
      received: `${padTokenId}, which is ${JSON.stringify(tokens[padTokenId])}`,
    });
  }
  const [delimiter, unknown] = [settings.word_delimiter_token ?? '|', settings.unk_token ?? '<unk>'];
  return {
    tokens,
    blank: padTokenId,
    ...(tokens.includes(delimiter) && { delimiter }),
    ...(tokens.includes(unknown) && { unknown }),
    lowerCase: settings.do_lower_case ?? false,
    cleanUp: settings.clean_up_tokenization_spaces ?? false,
  };
}

const empty = new TextEncoder().encode('{}');

type Ids = Readonly<Record<string, number>>;

/** @throws ConfigError for a vocabulary of several languages without one that is chosen */
function ofLanguage(vocabulary: z.output<typeof vocabularyFile>, language: string | undefined): Ids {
  const isNested = Object.values(vocabulary).some((value) => typeof value === 'object');
  if (!isNested) return vocabulary as Ids;
  const languages = vocabulary as Readonly<Record<string, Ids>>;
  if (language !== undefined && Object.hasOwn(languages, language)) return languages[language]!;
  throw new ConfigError({
    where: 'tokenizer_config.json, target_lang',
    expected: `one of the languages of vocab.json: ${Object.keys(languages).slice(0, 8).join(', ')} …`,
    received: language === undefined ? 'none' : JSON.stringify(language),
  });
}

function addedIds(added: Readonly<Record<string, { readonly content: string }>>): Ids {
  return Object.fromEntries(Object.entries(added).map(([id, { content }]) => [content, Number(id)]));
}

/** In the order of their ids. Tokens that the model has no logits for are left out, as it never writes them. */
function tokensOf(known: Ids, vocabSize: number): string[] {
  const byId = new Map(Object.entries(known).map(([name, id]) => [id, name]));
  return Array.from({ length: vocabSize }, (_, id) => {
    const name = byId.get(id);
    if (name !== undefined && name !== '') return name;
    throw new FileFormatError({
      where: 'vocab.json',
      expected: `a token for each of the ${vocabSize} ids of config.json (vocab_size)`,
      received: name === undefined ? `none for ${id}` : `an empty one for ${id}`,
    });
  });
}
