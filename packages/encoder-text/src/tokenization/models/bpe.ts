import { byteLength } from '../aligned-text';
import type { Token } from '../text-parts';
import { byteToken } from './byte-token';
import { MergeQueue } from './merge-queue';
import type { Model, Vocabulary } from './model';
import { unknownWord } from './unknown-word';

export interface BpeOptions {
  readonly unknownToken: string | undefined;
  readonly continuingSubwordPrefix: string | undefined;
  readonly endOfWordSuffix: string | undefined;
  readonly fuseUnknown: boolean;
  readonly byteFallback: boolean;
  readonly ignoreMerges: boolean;
}

/** Two tokens that become one. */
export interface Merge {
  readonly first: string;
  readonly second: string;
  readonly merged: string;
}

/** Byte-pair encoding (HF `BPE`; Sennrich et al. 2016): pairs are merged in the order in which they were learned. */
export class Bpe implements Model {
  /** For each pair of ids, the rank of its merge; and for each rank the id that it gives. */
  readonly #ranks = new Map<number, number>();
  readonly #mergedIds: Int32Array;
  readonly #merges: readonly Merge[];
  readonly #hasBytes: boolean;
  /** In UTF-16. */
  readonly #longest: number;

  constructor(
    readonly vocabulary: Vocabulary,
    merges: readonly Merge[],
    readonly options: BpeOptions,
  ) {
    const { ids } = vocabulary;
    this.#merges = merges;
    this.#mergedIds = Int32Array.from(merges, ({ merged }) => ids.get(merged)!);
    for (const [rank, { first, second }] of merges.entries())
      this.#ranks.set(pairOf(ids.get(first)!, ids.get(second)!), rank);
    const areBytes = options.byteFallback && byteTokens.every((token) => ids.has(token));
    this.#hasBytes =
      areBytes && !merges.some(({ first, second }) => isByteToken.test(first) || isByteToken.test(second));
    let longest = 0;
    for (const token of ids.keys()) longest = Math.max(longest, token.length);
    this.#longest = longest;
  }

  tokenize(word: string, isWhole: boolean): readonly Token[] {
    const { ids } = this.vocabulary;
    if (this.options.ignoreMerges) {
      if (!isWhole && word.length <= this.#longest) return []; // it may turn out to be a token
      const id = ids.get(word);
      if (isWhole && id !== undefined) {
        return [{ id, value: word, start: 0, end: byteLength(word, 0, word.length) }];
      }
    }
    if (isWhole && word.length < shortWord) return this.#tokensOf(word, wholeWord, 0);
    const tokens: Token[] = [];
    let start = 0;
    for (const end of this.#divisions(word, isWhole)) {
      const place = { isFirst: start === 0, isLast: end === word.length };
      // A character without a token has no length, in Python too.
      for (const token of this.#tokensOf(word.slice(start, end), place, tokens.at(-1)?.end ?? 0)) tokens.push(token);
      start = end;
    }
    return tokens;
  }

  /**
   * Places that no merge crosses: none joins what ends with the character before to what begins with the one after. The end of the
   * word is one, where it is known.
   */
  *#divisions(word: string, isWhole: boolean): Generator<number> {
    const { continuingSubwordPrefix = '', endOfWordSuffix = '' } = this.options;
    this.#joints ??= this.#findJoints();
    let previous = '';
    let wasKnown = false;
    let position = 0;
    for (const character of word) {
      const after = position + character.length;
      // What a character of the end is, only the end says.
      if (endOfWordSuffix !== '' && after === word.length) break;
      const isKnown = this.#isKnown((position > 0 ? continuingSubwordPrefix : '') + character);
      if (wasKnown && isKnown && !this.#joints.has(previous + character)) yield position;
      previous = character;
      wasKnown = isKnown;
      position = after;
    }
    if (isWhole) yield word.length;
  }

  #joints: ReadonlySet<string> | undefined;

  /** Pairs of characters that some merge joins. */
  #findJoints(): ReadonlySet<string> {
    const { length } = this.options.continuingSubwordPrefix ?? '';
    return new Set(
      this.#merges.map(({ first, second }) => lastCharacter(first) + firstCharacter(second.slice(length))),
    );
  }

  /** Whether a symbol has tokens of its own, whatever stands beside it: it is one, or bytes that no merge joins. */
  #isKnown(symbol: string): boolean {
    return this.vocabulary.ids.has(symbol) || this.#hasBytes;
  }

  #tokensOf(word: string, place: Place, startByte: number): Token[] {
    const symbols = this.#symbolsOf(word, place);
    this.#merge(symbols);
    const tokens: Token[] = [];
    let start = startByte;
    for (let index = 0; index < symbols.ids.length; index++) {
      const length = symbols.lengths[index];
      if (length === 0) continue;
      const id = symbols.ids[index];
      tokens.push({ id, value: this.vocabulary.tokenOf(id)!, start, end: start + length });
      start += length;
    }
    return tokens;
  }

  #symbolsOf(word: string, { isFirst, isLast }: Place): Symbols {
    const { ids } = this.vocabulary;
    const {
      byteFallback,
      unknownToken,
      fuseUnknown,
      continuingSubwordPrefix = '',
      endOfWordSuffix = '',
    } = this.options;
    const symbols: Symbols = { ids: [], lengths: [] };
    let unknownLength = 0;
    const add = (id: number, length: number) => {
      symbols.ids.push(id);
      symbols.lengths.push(length);
    };
    const addUnknown = () => {
      if (unknownLength === 0) return;
      add(ids.get(unknownToken!)!, unknownLength);
      unknownLength = 0;
    };
    let position = 0;
    for (const character of word) {
      const prefix = position > 0 || !isFirst ? continuingSubwordPrefix : '';
      position += character.length;
      const symbol = prefix + character + (position === word.length && isLast ? endOfWordSuffix : '');
      const length = byteLength(character, 0, character.length);
      const id = ids.get(symbol);
      if (id !== undefined) {
        addUnknown();
        add(id, length);
        continue;
      }
      if (byteFallback) {
        const tokens = Array.from(encoder.encode(symbol), byteToken);
        if (tokens.every((token) => ids.has(token))) {
          for (const token of tokens) add(ids.get(token)!, 1);
          continue;
        }
      }
      if (unknownToken === undefined) continue;
      if (!ids.has(unknownToken)) throw unknownWord(word, unknownToken);
      if (!fuseUnknown) addUnknown();
      unknownLength += length;
    }
    addUnknown();
    return symbols;
  }

  /** Merged symbols get the length 0. */
  #merge({ ids, lengths }: Symbols): void {
    const { length } = ids;
    const previous = Int32Array.from({ length }, (_, index) => index - 1);
    const next = Int32Array.from({ length }, (_, index) => (index + 1 < length ? index + 1 : -1));
    const queue = new MergeQueue();
    const offer = (left: number, right: number) => {
      const rank = this.#ranks.get(pairOf(ids[left], ids[right]));
      if (rank !== undefined) queue.push(rank, left);
    };
    for (let index = 0; index + 1 < length; index++) offer(index, index + 1);
    while (queue.length > 0) {
      const { rank, position } = queue.pop();
      const right = next[position];
      const isCurrent =
        lengths[position] > 0 && right >= 0 && this.#ranks.get(pairOf(ids[position], ids[right])) === rank;
      if (!isCurrent) continue;
      ids[position] = this.#mergedIds[rank];
      lengths[position] += lengths[right];
      lengths[right] = 0;
      next[position] = next[right];
      if (next[right] >= 0) previous[next[right]] = position;
      if (previous[position] >= 0) offer(previous[position], position);
      if (next[position] >= 0) offer(position, next[position]);
    }
  }
}

/** Symbols of a word, and how many bytes each has. */
interface Symbols {
  readonly ids: number[];
  readonly lengths: number[];
}

/** Whether a part of a word has its beginning, and its end. */
interface Place {
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

const wholeWord: Place = { isFirst: true, isLast: true };

/** Words of fewer letters are not worth being divided. */
const shortWord = 64;
const encoder = new TextEncoder();

const byteTokens = Array.from({ length: 256 }, (_, byte) => byteToken(byte));
const isByteToken = /^<0x[0-9A-F]{2}>$/;

function pairOf(first: number, second: number): number {
  return first * 2 ** 26 + second;
}

function firstCharacter(text: string): string {
  return text === '' ? '' : String.fromCodePoint(text.codePointAt(0)!);
}

function lastCharacter(text: string): string {
  return Array.from(text.slice(-2)).at(-1) ?? '';
}
