import { Vocabulary } from '../models/model';
import type { Read } from './file-part';

/** Tokens with their ids. */
export const readVocabulary: Read<Vocabulary> = (part) => {
  const { value } = part;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return part.refuse('tokens with their ids', value);
  }
  const entries: [string, unknown][] = Object.entries(value);
  if (entries.length === 0) part.refuse('tokens', 'its vocabulary is empty');
  for (const [token, each] of entries) {
    if (!isText(token) || !isId(each)) part.refuse('tokens with their ids', { [token]: each });
  }
  return new Vocabulary(entries as [string, number][]);
};

function isId(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 0xffff_ffff;
}

/** Whether it is a text without halves of surrogates, which no UTF-8 has. */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && !/\p{Surrogate}/u.test(value);
}
