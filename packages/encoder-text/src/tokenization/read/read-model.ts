import { z } from 'zod';
import type { Model } from '../models/model';
import { wordLevel } from '../models/word-level';
import { WordPiece } from '../models/word-piece';
import type { Json, Read } from './file-part';
import { readBpe } from './read-bpe';
import { readUnigram } from './read-unigram';
import { readVocabulary } from './read-vocabulary';
import { count } from './schemas';

export const readModel: Read<Model> = (part) => {
  const json = part.object();
  const type = json.type ?? typeOf(json);
  if (typeof type === 'string' && Object.hasOwn(readers, type)) return readers[type](part);
  return part.refuse(`one of ${Object.keys(readers).join(', ')}`, `type ${JSON.stringify(type)?.slice(0, 200)}`);
};

/** Early files leave it out. */
function typeOf({ merges, continuing_subword_prefix, vocab }: Json): string {
  if (merges !== undefined) return 'BPE';
  if (continuing_subword_prefix !== undefined) return 'WordPiece';
  return Array.isArray(vocab) ? 'Unigram' : 'WordLevel';
}

const wordPieceSchema = z.object({
  unk_token: z.string().default('[UNK]'),
  continuing_subword_prefix: z.string().default('##'),
  max_input_chars_per_word: count.default(100),
});

const readers: Readonly<Record<string, Read<Model>>> = {
  BPE: readBpe,
  WordPiece(part) {
    const { unk_token, continuing_subword_prefix, max_input_chars_per_word } = part.parse(wordPieceSchema);
    return new WordPiece(readVocabulary(part.at('vocab')), {
      unknownToken: unk_token,
      continuingSubwordPrefix: continuing_subword_prefix,
      maxInputCharsPerWord: max_input_chars_per_word,
    });
  },
  WordLevel: (part) => wordLevel(readVocabulary(part.at('vocab')), part.at('unk_token').parse(z.string())),
  Unigram: readUnigram,
};
