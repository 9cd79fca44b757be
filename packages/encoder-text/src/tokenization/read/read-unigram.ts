import { z } from 'zod';
import { Unigram } from '../models/unigram';
import type { Read } from './file-part';
import { isText } from './read-vocabulary';
import { count } from './schemas';

const schema = z.object({ unk_id: count.nullish(), byte_fallback: z.boolean().default(false) });

export const readUnigram: Read<Unigram> = (part) => {
  const { unk_id, byte_fallback } = part.parse(schema);
  const vocabulary = part.at('vocab');
  const { value } = vocabulary;
  if (!Array.isArray(value)) return vocabulary.refuse('a list of tokens with their scores', value);
  const entries = value.map((entry: unknown): [string, number] => {
    const isEntry = Array.isArray(entry) && entry.length === 2 && isText(entry[0]) && typeof entry[1] === 'number';
    if (!isEntry) vocabulary.refuse('tokens with their scores', entry);
    return entry as [string, number];
  });
  if (entries.length === 0) vocabulary.refuse('tokens', 'its vocabulary is empty');
  const unknownId = unk_id ?? undefined;
  if (unknownId !== undefined && unknownId >= entries.length) {
    part.at('unk_id').refuse('a token of the vocabulary', unk_id);
  }
  return new Unigram(entries, { unknownId, byteFallback: byte_fallback });
};
