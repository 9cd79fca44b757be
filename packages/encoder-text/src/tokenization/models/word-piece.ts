import { byteLength } from '../aligned-text';
import type { Token } from '../text-parts';
import type { Model, Vocabulary } from './model';
import { unknownWord } from './unknown-word';

export interface WordPieceOptions {
  readonly unknownToken: string;
  readonly continuingSubwordPrefix: string;
  readonly maxInputCharsPerWord: number;
}

/** The longest pieces that a word begins and goes on with (HF `WordPiece`; Wu et al. 2016). */
export class WordPiece implements Model {
  readonly #longest: number;

  constructor(
    readonly vocabulary: Vocabulary,
    readonly options: WordPieceOptions,
  ) {
    let longest = 0;
    for (const token of vocabulary.ids.keys()) longest = Math.max(longest, token.length);
    this.#longest = longest;
  }

  tokenize(word: string, isWhole: boolean): readonly Token[] {
    if (!isWhole) return []; // a word may turn out to be unknown at its end
    const { unknownToken } = this.options;
    const pieces = this.#isTooLong(word) ? undefined : this.#piecesOf(word);
    if (pieces) return pieces;
    const id = this.vocabulary.ids.get(unknownToken);
    if (id === undefined) throw unknownWord(word, unknownToken);
    return [{ id, value: unknownToken, start: 0, end: byteLength(word, 0, word.length) }];
  }

  #isTooLong(word: string): boolean {
    const { maxInputCharsPerWord } = this.options;
    if (word.length <= maxInputCharsPerWord) return false;
    let count = 0;
    for (const _ of word) if (++count > maxInputCharsPerWord) return true;
    return false;
  }

  #piecesOf(word: string): Token[] | undefined {
    const tokens: Token[] = [];
    let byte = 0;
    for (let start = 0; start < word.length; ) {
      const prefix = start > 0 ? this.options.continuingSubwordPrefix : '';
      let end = Math.min(word.length, start + this.#longest);
      let id: number | undefined;
      for (; end > start; end--) {
        id = this.vocabulary.ids.get(prefix + word.slice(start, end));
        if (id !== undefined) break;
      }
      if (id === undefined) return undefined;
      const length = byteLength(word, start, end);
      tokens.push({ id, value: prefix + word.slice(start, end), start: byte, end: byte + length });
      byte += length;
      start = end;
    }
    return tokens;
  }
}
