import { RandomKey } from '@polymodal/core';
import { type QuestionSpeech, speakQuestions } from '@polymodal/example-scenes/data/question-speech';
import { type Named, places, spokenSentence } from '../language/wording';
import { edition } from './two-views';

/** What a voice says of an object at a place, each once. */
export const spoken = places.flatMap((_, place) =>
  edition.colours.flatMap((colour) => edition.shapes.map((shape) => ({ colour, shape, place }))),
);

/** Which of the {@link spoken} sentences tells of an object. */
export function sentenceOf({ colour, shape }: Named, place: number): number {
  return (
    (place * edition.colours.length + edition.colours.indexOf(colour)) * edition.shapes.length +
    edition.shapes.indexOf(shape)
  );
}

/** All sentences by voices, those of the test others than those of the training. */
export function speak(
  voices: { readonly train: number; readonly test: number },
  cache: string,
  signal: AbortSignal,
): Promise<QuestionSpeech> {
  const sentences = spoken.map((own) => spokenSentence(own, own.place));
  const recipe = { sentences, voices: { ...voices, validation: 0 }, key: RandomKey.from(0).fold('voices') };
  return speakQuestions(recipe, { cache, progress: true, signal });
}
