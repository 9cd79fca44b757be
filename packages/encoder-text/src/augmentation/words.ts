/** A stretch of a text: a word, or what stands between words. */
export interface Stretch {
  readonly text: string;
  readonly isWord: boolean;
}

/** One for all languages, so that no setting of the machine changes what is drawn. */
const words = new Intl.Segmenter('und', { granularity: 'word' });
const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });

/** A text in words and what is between them (Unicode Standard Annex 29; of scripts without spaces by the dictionaries of ICU). */
export function splitWords(text: string): Stretch[] {
  return Array.from(words.segment(text), ({ segment, isWordLike }) => ({ text: segment, isWord: isWordLike === true }));
}

/** A text in what people take for one character: letters with their accents, emoji with their joiners. */
export function splitGraphemes(text: string): string[] {
  return Array.from(graphemes.segment(text), ({ segment }) => segment);
}

/** The places of words among stretches. */
export function wordPlaces(stretches: readonly Stretch[]): number[] {
  return [...stretches.keys()].filter((place) => stretches[place].isWord);
}
