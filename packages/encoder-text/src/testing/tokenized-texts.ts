import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** For tests: texts in many languages, and for each tokenizer of the fixtures the ids that Python gives them. */
export const { texts, tokenizers } = JSON.parse(
  readFileSync(fileURLToPath(new URL('../../fixtures/ids.json', import.meta.url)), 'utf8'),
) as {
  texts: string[];
  tokenizers: Record<string, { vocabSize: number; ids: number[][] }>;
};
