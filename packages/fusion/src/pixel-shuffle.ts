import { type Sequence, ShapeError } from '@polymodal/core';
import { zeroPadding } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Fewer and wider tokens: of a square grid, row by row, each block of `factor` × `factor` becomes one token, its own side by side (the
 * inverse of Shi et al. 2016, "pixel shuffle"; HF `Idefics3Connector`). What of a block takes no part is zeros in it.
 *
 * @param values of each row, side by side, each of them a grid: (P, V · n, D)
 * @returns (P, V · n / factor², D · factor²)
 * @throws ShapeError for tokens that are no square grid of whole blocks
 */
export function pixelShuffle({ tokens, mask, rows }: Sequence, values: number, factor: number): Sequence {
  const [size, all, width] = tokens.shape;
  const side = sideOf(all / values, factor);
  const blocks = side / factor;
  const count = size * values;
  // The tokens of a block lie in `factor` rows of the grid, `factor` side by side in each.
  const lines = tf.reshape<tf.Rank.R4>(zeroPadding(tokens, mask), [count * blocks, factor, blocks, factor * width]);
  const maskLines = tf.reshape<tf.Rank.R4>(mask, [count * blocks, factor, blocks, factor]);
  return {
    tokens: tf.reshape<tf.Rank.R3>(tf.transpose(lines, [0, 2, 1, 3]), [
      size,
      values * blocks * blocks,
      factor * factor * width,
    ]),
    mask: tf.reshape<tf.Rank.R2>(tf.max(maskLines, [1, 3]), [size, values * blocks * blocks]),
    rows,
  };
}

/** How many tokens are left of the so many of a value; undefined for those that are no square grid of whole blocks. */
export function shuffledCount(tokens: number, factor: number): number | undefined {
  if (factor === 1) return tokens;
  const side = Math.round(Math.sqrt(tokens));
  return side * side === tokens && side % factor === 0 ? (side / factor) ** 2 : undefined;
}

function sideOf(tokens: number, factor: number): number {
  const blocks = shuffledCount(tokens, factor);
  if (blocks !== undefined) return factor * Math.sqrt(blocks);
  throw new ShapeError({
    where: 'decoder, tokens',
    expected: `a square grid of blocks of ${factor} × ${factor} tokens, as "pixelShuffle" makes one of each`,
    received: `${tokens} tokens`,
    hint: 'Leave a class token out (`from: 1`), or take square pictures whose sides are that many patches.',
  });
}
