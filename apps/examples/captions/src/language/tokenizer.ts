import { tokenizerOfWords } from '@polymodal/example-scenes/language/word-tokenizer';
import { allQuestions } from '@polymodal/example-scenes/scene/all-questions';
import { edition } from '../data/two-views';
import { answerIn, captionOf, captionPrompt, questionIn, tags } from './wording';

/** The token that ends what is written: the first behind the unknown word. */
export const endTokenId = 1;

/** Whose words the tokenizer knows: of all that may be asked, captioned and answered. */
const answers = [...edition.shapes, 'yes', 'no'];

/** A tokenizer.json of words, one for what is asked and what is written, in all languages. */
export function tokenizer(): string {
  const named = edition.colours.flatMap((colour) => edition.shapes.map((shape) => ({ colour, shape })));
  const texts = tags.flatMap((tag) => [
    captionPrompt(tag),
    captionOf(named, tag),
    ...answers.map((answer) => answerIn(answer, tag)),
    ...allQuestions(edition).map((question) => questionIn(question, tag)),
  ]);
  return tokenizerOfWords(texts, { lowercase: false, extra: ['[END]'] });
}
