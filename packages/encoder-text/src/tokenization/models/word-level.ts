import { byteLength } from '../aligned-text';
import type { Model, Vocabulary } from './model';
import { unknownWord } from './unknown-word';

/** A token for each word (HF `WordLevel`). */
export function wordLevel(vocabulary: Vocabulary, unknownToken: string): Model {
  return {
    vocabulary,
    tokenize(word, isWhole) {
      if (!isWhole) return [];
      const known = vocabulary.ids.get(word);
      const id = known ?? vocabulary.ids.get(unknownToken);
      if (id === undefined) throw unknownWord(word, unknownToken);
      const value = known === undefined ? unknownToken : word;
      return [{ id, value, start: 0, end: byteLength(word, 0, word.length) }];
    },
  };
}
