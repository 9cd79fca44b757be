import { z } from 'zod';
import { Bpe, type Merge } from '../models/bpe';
import type { Vocabulary } from '../models/model';
import type { FilePart, Read } from './file-part';
import { readVocabulary } from './read-vocabulary';

const text = z
  .string()
  .nullish()
  .transform((each) => each ?? undefined);
const flag = z
  .boolean()
  .nullish()
  .transform((each) => each ?? false);
const schema = z.object({
  dropout: z.number().min(0).max(1).nullish(),
  unk_token: text,
  continuing_subword_prefix: text,
  end_of_word_suffix: text,
  fuse_unk: flag,
  byte_fallback: flag,
  ignore_merges: flag,
});

export const readBpe: Read<Bpe> = (part) => {
  const options = part.parse(schema);
  if (options.dropout) part.at('dropout').refuse('none, since tokens must not be left to chance', options.dropout);
  const vocabulary = readVocabulary(part.at('vocab'));
  const prefix = options.continuing_subword_prefix ?? '';
  return new Bpe(vocabulary, readMerges(part.at('merges'), vocabulary, prefix), {
    unknownToken: options.unk_token,
    continuingSubwordPrefix: options.continuing_subword_prefix,
    endOfWordSuffix: options.end_of_word_suffix,
    fuseUnknown: options.fuse_unk,
    byteFallback: options.byte_fallback,
    ignoreMerges: options.ignore_merges,
  });
};

/** Pairs, or in early files texts with a space between. */
function readMerges(part: FilePart, { ids }: Vocabulary, prefix: string): Merge[] {
  const { value } = part;
  if (!Array.isArray(value)) part.refuse('a list of pairs', value);
  const areTexts = typeof value[0] === 'string';
  const lines = areTexts ? value.filter((line) => typeof line !== 'string' || !line.startsWith('#version')) : value;
  return lines.map((line: unknown): Merge => {
    const pair: unknown = areTexts && typeof line === 'string' ? line.split(' ') : line;
    const isPair = Array.isArray(pair) && pair.length === 2 && pair.every((each) => typeof each === 'string');
    if (!isPair) part.refuse('pairs of tokens', line);
    const [first, second] = pair as [string, string];
    if (prefix !== '' && !second.startsWith(prefix)) {
      part.refuse(`pairs whose second token begins with ${JSON.stringify(prefix)}`, line);
    }
    const merged = first + second.slice(prefix.length);
    const missing = [first, second, merged].find((token) => !ids.has(token));
    if (missing !== undefined) part.refuse('tokens of the vocabulary', `${JSON.stringify(missing)}`);
    return { first, second, merged };
  });
}
