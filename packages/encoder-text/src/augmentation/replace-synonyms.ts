import type { RandomKey } from '@polymodal/core';
import type { Synonyms } from './word-net';
import { splitWords } from './words';

/** Shorter ones are mostly those that hold a sentence together: "a", "in", "be". WordNet takes them for iodine, inches and beryllium. */
const shortestWord = 4;

/** A text in which some of the words that have synonyms are replaced by one of them, with a capital where the word had one. */
export function replaceSynonyms(text: string, synonyms: Synonyms, share: number, key: RandomKey): string {
  const stretches = splitWords(text);
  const draws = key.uniform(stretches.length);
  return stretches
    .map((own, place) => {
      const others = own.isWord && own.text.length >= shortestWord && synonyms.get(own.text.toLowerCase());
      if (!others || draws[place] >= share) return own.text;
      const other = others[key.fold(place).integer(0, others.length)];
      const [first] = own.text;
      return first === first.toLowerCase() ? other : other[0].toUpperCase() + other.slice(1);
    })
    .join('');
}
