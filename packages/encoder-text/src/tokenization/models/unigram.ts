import { byteLength } from '../aligned-text';
import type { Token } from '../text-parts';
import { byteToken } from './byte-token';
import { type Model, Vocabulary } from './model';
import { Trie } from './trie';
import { unknownWord } from './unknown-word';

export interface UnigramOptions {
  readonly unknownId: number | undefined;
  readonly byteFallback: boolean;
}

/** How much worse than any token an unknown character is. */
const unknownPenalty = 10;

/** After so many letters the best path is written down where all paths meet, so that memory does not grow with a text. */
const window = 1024;

/** The most likely pieces (HF `Unigram`; Kudo 2018), found as the best path by Viterbi's algorithm. */
export class Unigram implements Model {
  readonly vocabulary: Vocabulary;
  readonly #scores: Float64Array;
  readonly #trie = new Trie();
  readonly #unknownScore: number;
  readonly #path = new BestPath(2 * window);

  constructor(
    entries: readonly (readonly [string, number])[],
    readonly options: UnigramOptions,
  ) {
    this.vocabulary = new Vocabulary(entries.map(([token], id) => [token, id]));
    this.#scores = Float64Array.from(entries, ([, score]) => asRustReads(score));
    for (const [token, id] of this.vocabulary.ids) this.#trie.add(token, id);
    this.#unknownScore =
      this.#scores.reduce((least, score) => Math.min(least, score), Number.POSITIVE_INFINITY) - unknownPenalty;
  }

  tokenize(word: string, isWhole: boolean): readonly Token[] {
    const tokens: Token[] = [];
    let byte = 0;
    for (const { start, end } of this.#pieces(word, isWhole)) {
      const piece = word.slice(start, end);
      const length = byteLength(word, start, end);
      for (const [value, id] of this.#idsOf(piece)) tokens.push({ id, value, start: byte, end: byte + length });
      byte += length;
    }
    return tokens;
  }

  #idsOf(piece: string): (readonly [string, number])[] {
    const { ids } = this.vocabulary;
    const { unknownId, byteFallback } = this.options;
    const known = ids.get(piece);
    if (known !== undefined) return [[piece, known]];
    if (byteFallback) {
      const tokens = Array.from(new TextEncoder().encode(piece), byteToken);
      if (tokens.every((token) => ids.has(token))) return tokens.map((token) => [token, ids.get(token)!]);
    }
    if (unknownId === undefined) throw unknownWord(piece, undefined);
    return [[piece, unknownId]];
  }

  /** The pieces of the best path; unknown ones that follow each other are one. */
  #pieces(word: string, isWhole: boolean): { start: number; end: number }[] {
    const pieces: { start: number; end: number; isUnknown: boolean }[] = [];
    const path = this.#path;
    path.begin(0, 0);
    const write = (end: number) => {
      for (const { start, end: stop, id } of path.piecesUpTo(end)) {
        const last = pieces.at(-1);
        const isUnknown = id === this.options.unknownId;
        if (isUnknown && last?.isUnknown) last.end = stop;
        else pieces.push({ start, end: stop, isUnknown });
      }
      path.begin(end, path.scoreAt(end));
    };
    let meeting = 0; // where all paths met last
    for (let start = 0; start < word.length; ) {
      if (path.reach === start) {
        meeting = start;
        if (start - path.start > window) write(start);
      }
      const point = word.codePointAt(start)!;
      const next = start + (point > 0xffff ? 2 : 1);
      if (!this.#extend(word, start, next) && !isWhole) break; // a longer piece may begin here
      start = next;
    }
    write(isWhole ? word.length : meeting);
    if (!isWhole && pieces.at(-1)?.isUnknown) pieces.pop();
    return pieces;
  }

  /** @returns whether the end of the word left no piece open */
  #extend(word: string, start: number, next: number): boolean {
    const trie = this.#trie;
    const path = this.#path;
    const score = path.scoreAt(start);
    let hasSingle = false;
    let node = 0;
    let end = start;
    while (end < word.length) {
      node = trie.child(node, word.charCodeAt(end));
      if (node === 0) break;
      end++;
      const id = trie.value(node);
      if (id < 0) continue;
      path.offer(start, end, id, score + this.#scores[id]);
      hasSingle ||= end === next;
    }
    if (!hasSingle) {
      const { unknownId } = this.options;
      const isBetter = path.offer(start, next, unknownId ?? 0, score + this.#unknownScore);
      if (isBetter && unknownId === undefined) throw unknownWord(word.slice(start, next), undefined);
    }
    return node === 0;
  }
}

/**
 * A number as Python's tokenizers read it from JSON: its digits, rounded, and then divided by a power of ten and rounded again.
 * Of paths that are as good as each other, the last bit decides.
 */
function asRustReads(value: number): number {
  if (Number.isSafeInteger(value)) return value;
  const [mantissa, exponent = '0'] = Math.abs(value).toString().split('e');
  const [whole, decimals = ''] = mantissa.split('.');
  const digits = Number(BigInt(whole + decimals));
  const power = Number(exponent) - decimals.length;
  const read = power < 0 ? digits / Number(`1e${-power}`) : digits * Number(`1e${power}`);
  return value < 0 ? -read : read;
}

/** The best way to each position from where it began. */
class BestPath {
  start = 0;
  /** The last position that a piece ends at. */
  reach = 0;
  #scores: Float64Array;
  #starts: Int32Array;
  #ids: Int32Array;

  constructor(length: number) {
    this.#scores = new Float64Array(length);
    this.#starts = new Int32Array(length).fill(-1);
    this.#ids = new Int32Array(length);
  }

  begin(start: number, score: number): void {
    this.#starts.fill(-1, 0, this.reach - this.start + 1);
    this.start = start;
    this.reach = start;
    this.#scores[0] = score;
  }

  /** Of the best path; 0 for a position that no piece ends at. */
  scoreAt(position: number): number {
    const index = position - this.start;
    return index === 0 || this.#starts[index] >= 0 ? this.#scores[index] : 0;
  }

  /** @returns whether it is the best piece up to here that ends there */
  offer(start: number, end: number, id: number, score: number): boolean {
    const index = end - this.start;
    if (index >= this.#scores.length) this.#enlarge(index + 1);
    if (this.#starts[index] >= 0 && !(score > this.#scores[index])) return false;
    this.#starts[index] = start;
    this.#ids[index] = id;
    this.#scores[index] = score;
    if (end > this.reach) this.reach = end;
    return true;
  }

  piecesUpTo(position: number): { start: number; end: number; id: number }[] {
    const pieces: { start: number; end: number; id: number }[] = [];
    for (let end = position; end > this.start; ) {
      const start = this.#starts[end - this.start];
      pieces.push({ start, end, id: this.#ids[end - this.start] });
      end = start;
    }
    return pieces.reverse();
  }

  #enlarge(length: number): void {
    const [scores, starts, ids] = [this.#scores, this.#starts, this.#ids];
    const size = Math.max(length, 2 * scores.length);
    this.#scores = new Float64Array(size);
    this.#scores.set(scores);
    this.#starts = new Int32Array(size).fill(-1);
    this.#starts.set(starts);
    this.#ids = new Int32Array(size);
    this.#ids.set(ids);
  }
}
