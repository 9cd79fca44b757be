import type { Range } from './aligned-text';
import type { Encoding } from './post-processors';

/** Which end of a text is cut off. */
export type TruncationSide = 'left' | 'right';

/**
 * The encodings of a text, or of two, cut to so many tokens together: the longer one first (`longest_first` of Python's
 * tokenizers).
 *
 * @param counts of the tokens of each text, where there may be more than its encoding has: of more than `length`, all are alike, but
 *   see {@link needsCounts}
 */
export function truncateEncodings(
  encodings: readonly Encoding[],
  counts: readonly number[],
  length: number,
  side: TruncationSide,
): Encoding[] {
  const [first, second] = counts;
  if (first + (second ?? 0) <= length) return [...encodings];
  const lengths = second === undefined ? [length] : shareOf(length, first, second);
  return encodings.map((encoding, index) => truncated(encoding, lengths[index], side));
}

/** Whether it has to be known which of two texts, which have more tokens each than are kept together, is longer: it gets the odd one. */
export function needsCounts(counts: readonly number[], length: number): boolean {
  return counts.length === 2 && length % 2 === 1 && counts.every((count) => count > length);
}

function shareOf(length: number, first: number, second: number): number[] {
  const shorter = Math.min(first, second);
  const rest = shorter > length ? shorter : Math.max(shorter, length - shorter);
  const isTooMuch = shorter + rest > length;
  const ofShorter = isTooMuch ? Math.floor(length / 2) : shorter;
  const ofLonger = isTooMuch ? ofShorter + (length % 2) : rest;
  return first > second ? [ofLonger, ofShorter] : [ofShorter, ofLonger];
}

function truncated(encoding: Encoding, length: number, side: TruncationSide): Encoding {
  const count = encoding.ids.length;
  if (length >= count) return encoding;
  return side === 'right' ? slicedEncoding(encoding, 0, length) : slicedEncoding(encoding, count - length, count);
}

/**
 * Where the windows of a text of `count` tokens begin and end that hold `length` each and overlap by `stride`, as Python's tokenizers
 * lay them (`return_overflowing_tokens`).
 */
export function windowsOf(count: number, length: number, stride: number): Range[] {
  const windows: Range[] = [];
  for (let start = 0; ; start += length - stride) {
    const end = Math.min(count, start + length);
    windows.push({ start, end });
    if (end === count) return windows;
  }
}

/** The tokens from `start` to `end`. */
export function slicedEncoding(encoding: Encoding, start: number, end: number): Encoding {
  return {
    ids: encoding.ids.slice(start, end),
    typeIds: encoding.typeIds.slice(start, end),
    tokens: encoding.tokens.slice(start, end),
    offsets: encoding.offsets.slice(start, end),
    isSpecial: encoding.isSpecial.slice(start, end),
    sequences: encoding.sequences.slice(start, end),
    words: encoding.words.slice(start, end),
  };
}
