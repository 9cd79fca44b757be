import { FileFormatError } from '@polymodal/core';
import type { ChangedCharacter } from './aligned-text';

/**
 * The normalisation of a SentencePiece model (its `precompiled_charsmap`, in the tokenizers of T5, XLM-RoBERTa and SigLIP):
 * a table of what character becomes which, made from NFKC and rules of its own.
 *
 * A grapheme is looked up whole where it has fewer than 6 bytes, else character by character, and of the entries that it begins
 * with the shortest counts (as in the normaliser `Precompiled` of Hugging Face's tokenizers). The table is a double-array trie
 * (Aoe 1989, in the layout of Darts-clone) over UTF-8, whose values are offsets of strings that end in 0.
 */
export class PrecompiledCharacters {
  readonly #trie: Uint32Array;
  readonly #strings: Uint8Array;

  /** @throws FileFormatError for a table that is cut short */
  constructor(table: Uint8Array, where: string) {
    const view = new DataView(table.buffer, table.byteOffset, table.byteLength);
    const trieBytes = table.length >= 4 ? view.getUint32(0, true) : -1;
    if (trieBytes < 4 || trieBytes % 4 !== 0 || 4 + trieBytes > table.length) {
      throw new FileFormatError({
        where,
        expected: 'a precompiled_charsmap: the length of a trie, the trie, and strings',
        received: `${table.length} bytes that are none`,
      });
    }
    this.#trie = Uint32Array.from({ length: trieBytes / 4 }, (_, index) => view.getUint32(4 + 4 * index, true));
    this.#strings = table.subarray(4 + trieBytes);
  }

  /** The characters of a normalised text, and what they stand for; undefined for one that stays as it is. */
  changes(text: string): ChangedCharacter[] | undefined {
    const changes: { point: number; change: number }[] = [];
    let isChanged = false;
    const put = (old: string, replacement: string | undefined) => {
      isChanged ||= replacement !== undefined;
      const before = changes.length;
      for (const character of replacement ?? old) changes.push({ point: character.codePointAt(0)!, change: 0 });
      if (replacement === undefined) return;
      const more = changes.length - before - characterCount(old);
      for (let index = changes.length - more; index < changes.length; index++) changes[index].change = 1;
      const last = changes.at(-1);
      if (more < 0 && last) last.change += more;
    };
    for (const { stretch, isPlain } of this.#stretches(text)) {
      if (isPlain) put(stretch, undefined);
      else for (const segment of graphemes(stretch)) this.#replaceIn(segment, put);
    }
    return isChanged ? changes : undefined;
  }

  #replaceIn(segment: string, put: (old: string, replacement: string | undefined) => void): void {
    const bytes = encoder.encode(segment);
    const whole = bytes.length < 6 ? this.#find(bytes) : undefined;
    if (whole !== undefined) put(segment, whole);
    else for (const character of segment) put(character, this.#find(encoder.encode(character)));
  }

  /** Stretches of ASCII that stay as they are, and others with a letter before and after, which may belong to a grapheme. */
  *#stretches(text: string): Generator<{ stretch: string; isPlain: boolean }> {
    for (let start = 0; start < text.length; ) {
      let end = start;
      while (end < text.length && this.#isPlain(text.charCodeAt(end))) end++;
      const isLast = end === text.length;
      if (!isLast) end = Math.max(start, end - 1);
      if (end > start) yield { stretch: text.slice(start, end), isPlain: true };
      start = end;
      if (isLast) return;
      let plain = 0; // two letters of ASCII never make one grapheme
      while (end < text.length && plain < 2)
        plain = this.#isPlain(text.charCodeAt(end++)) && end > start + 1 ? plain + 1 : 0;
      if (plain === 2) end--;
      yield { stretch: text.slice(start, end), isPlain: false };
      start = end;
    }
  }

  /** Whether a unit is ASCII that stays as it is. */
  #isPlain(unit: number): boolean {
    if (unit >= 0x80) return false;
    this.#plain[unit] ||=
      unit !== 0xa && unit !== 0xd && this.#find(Uint8Array.of(unit)) === undefined ? plain : changing;
    return this.#plain[unit] === plain;
  }

  readonly #plain = new Uint8Array(0x80);

  /** What the shortest entry that the bytes begin with becomes. */
  #find(bytes: Uint8Array): string | undefined {
    let unit = this.#trie[0];
    let position = offsetOf(unit);
    for (const byte of bytes) {
      if (byte === 0) return undefined;
      position ^= byte;
      unit = this.#trie[position] ?? 0;
      if (labelOf(unit) !== byte) return undefined;
      position ^= offsetOf(unit);
      if (hasLeaf(unit)) return this.#stringAt(storedValue(this.#trie[position] ?? 0));
    }
    return undefined;
  }

  #stringAt(start: number): string {
    const end = this.#strings.indexOf(0, start);
    return decoder.decode(this.#strings.subarray(start, end < 0 ? undefined : end));
  }
}

const plain = 1;
const changing = 2;

function characterCount(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

const segmenter = new Intl.Segmenter('und', { granularity: 'grapheme' });
const shortestWindow = 256;

/** The graphemes of a text, found in windows: the time of one `segment` grows with the square of its length. */
function* graphemes(text: string): Generator<string> {
  let length = shortestWindow;
  for (let start = 0; start < text.length; ) {
    const window = text.slice(start, start + length);
    const found = Array.from(segmenter.segment(window), ({ segment }) => segment);
    const isLast = start + length >= text.length;
    const whole = isLast ? found : found.slice(0, -1); // the last one of a window may go on after it
    yield* whole;
    start += whole.reduce((sum, segment) => sum + segment.length, 0);
    length = whole.length > 0 ? shortestWindow : 2 * length;
  }
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Bits 0–7, and bit 31, which marks a value. */
function labelOf(unit: number): number {
  return (unit & 0x8000_00ff) >>> 0;
}

/** Bit 8. */
function hasLeaf(unit: number): boolean {
  return ((unit >>> 8) & 1) === 1;
}

/** Bits 10–30, in steps of 256 where bit 9 is set. */
function offsetOf(unit: number): number {
  return (unit >>> 10) << ((unit & 0x200) >>> 6);
}

/** Bits 0–30. */
function storedValue(unit: number): number {
  return unit & 0x7fff_ffff;
}
