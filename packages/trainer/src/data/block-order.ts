import { createHash } from 'node:crypto';
import type { RandomKey } from '@polymodal/core';
import type { Dataset, SampleBlocks } from './dataset';

/**
 * When in an epoch the samples of each block come: with those of how many others may be read from at a time, drawn at random.
 *
 * @param samples how many there are
 * @returns by block the number of its turn, from 0; as few turns as can be, about equally long
 */
export function blockOrder(
  samples: number,
  { blockOf, atOnce }: SampleBlocks,
  key: RandomKey,
): ReadonlyMap<number, number> {
  const known = new Set<number>();
  for (let index = 0; index < samples; index++) known.add(blockOf(index));
  const blocks = [...known].sort((a, b) => a - b);
  const turns = Math.ceil(blocks.length / atOnce);
  return new Map(
    [...key.shuffle(blocks.length)].map((place, position) => [
      blocks[place],
      Math.floor((position * turns) / blocks.length),
    ]),
  );
}

/** What tells whether samples of a source come in the same order again: how they lie in blocks, as a checksum. */
export function blocksChecksum({ length, blocks }: Dataset): string | undefined {
  if (!blocks) return undefined;
  const hash = createHash('sha256').update(`${blocks.atOnce} `);
  hash.update(Float64Array.from({ length }, (_, index) => blocks.blockOf(index)));
  return `sha256 ${hash.digest('hex').slice(0, 16)}`;
}
