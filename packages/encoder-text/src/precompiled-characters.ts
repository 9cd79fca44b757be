import { FileFormatError } from '@polymodal/core';

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

  normalize(text: string): string {
    let result = '';
    for (const segment of graphemes(text)) {
      const bytes = encoder.encode(segment);
      const whole = bytes.length < 6 ? this.#find(bytes) : undefined;
      if (whole !== undefined) result += whole;
      else for (const character of segment) result += this.#find(encoder.encode(character)) ?? character;
    }
    return result;
  }

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
