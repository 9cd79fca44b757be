import { FileTokenizer } from '@polymodal/encoder-text';
import { expect, it } from 'vitest';
import { allQuestions } from '../scene/all-questions';
import { plainScenes, sortOfClevr } from '../scene/edition';
import { languages, putInWords } from './phrases';
import { wordTokenizer } from './word-tokenizer';

it.each([
  ['plain scenes', plainScenes],
  ['Sort-of-CLEVR', sortOfClevr],
])('has a token for every word of the questions about %s, and tells the questions apart', (_, edition) => {
  const file = new TextEncoder().encode(wordTokenizer(edition, languages));
  const tokenizer = new FileTokenizer(file, 'tokenizer.json');
  const ids = languages.flatMap((language) =>
    allQuestions(edition).map((question) => tokenizer.encode(putInWords(question, language), 64).ids),
  );
  expect(new Set(ids.map(String)).size).toBe(ids.length);
  for (const own of ids) expect(own).not.toContain(0); // an unknown word
  expect(tokenizer.encode('What shape is the mauve object?', 64).ids.filter((id) => id === 0)).toHaveLength(1);
});
