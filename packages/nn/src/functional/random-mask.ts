import type { RandomKey } from '@polymodal/core';

/** A matrix at random: what each of its elements is made from, and what of. */
export interface RandomMask {
  readonly rows: number;
  readonly columns: number;
  /** Signed words of 32 bits below it are kept. */
  readonly threshold: number;
  /** What stands where something is kept. */
  readonly kept: number;
}

/**
 * A mask of so many elements, in which one is kept with the probability `keep`. It is as square as its shape allows, since as many words
 * are drawn as it has rows and columns.
 */
export function randomMask(shape: readonly number[], keep: number, kept: number): RandomMask {
  const size = shape.reduce((product, length) => product * length, 1);
  let rows = 1;
  for (let axis = 0, before = 1; axis < shape.length; axis++) {
    before *= shape[axis];
    if (before + size / before < rows + size / rows) rows = before;
  }
  const threshold = Math.min(Math.round(keep * 2 ** 32) - 2 ** 31, 2 ** 31 - 1);
  return { rows, columns: rows === 0 ? 0 : size / rows, threshold, kept };
}

/** How many words a mask is made from. */
export function wordCount({ rows, columns }: RandomMask): number {
  return 2 * (rows + columns);
}

/** Two words r and s of each row, and two t and u of each column: random but for the last bit of s, which is 0, and that of u, which is 1. */
export function maskWords(key: RandomKey, mask: RandomMask): Int32Array {
  const words = key.words(wordCount(mask));
  for (let i = mask.rows; i < 2 * mask.rows; i++) words[i] &= ~1;
  for (let i = 2 * mask.rows + mask.columns; i < words.length; i++) words[i] |= 1;
  return words;
}

/**
 * The mask of its words: kept where (r xor t) · (s + u) lies below the threshold, modulo 2³². The second factor is odd, so that in each row, and
 * in each column, every element has all words equally often, independent of the rest of it.
 */
export function maskOfWords(words: Int32Array, { rows, columns, threshold, kept }: RandomMask): Float32Array {
  const mask = new Float32Array(rows * columns);
  for (let i = 0, at = 0; i < rows; i++) {
    const [r, s] = [words[i], words[rows + i]];
    for (let j = 2 * rows; j < 2 * rows + columns; j++, at++) {
      if (Math.imul(r ^ words[j], s + words[columns + j]) < threshold) mask[at] = kept;
    }
  }
  return mask;
}
