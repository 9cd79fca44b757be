/** Rows of a table that are read together, block by block, so that one costs as much as all of its block where it is read alone. */
export interface RowBlocks {
  /** The number of the block that a row lies in, from 0. */
  blockOf(index: number): number;
  /** Of each block, about what it takes in memory. */
  readonly bytes: readonly number[];
  /** How much of them stays in memory. */
  readonly keptBytes: number;
}

/** Samples that lie near one another where they are read from: see `Dataset.blocks` of the trainer. */
export interface SampleBlocks {
  /** The number of the block that a sample lies in, from 0. */
  blockOf(index: number): number;
  /** So many blocks may be read from at a time, in any order, while each is read once. */
  readonly atOnce: number;
}

/** How samples are to be visited that are rows in blocks; `undefined` if it is all the same, since all of them stay in memory. */
export function sampleBlocks(
  { blockOf, bytes, keptBytes }: RowBlocks,
  rowOf: (index: number) => number,
): SampleBlocks | undefined {
  if (bytes.reduce((sum, own) => sum + own, 0) <= keptBytes) return undefined;
  const largest = bytes.reduce((most, own) => Math.max(most, own), 1);
  // While batches of some blocks end, those of the next begin.
  return { blockOf: (index) => blockOf(rowOf(index)), atOnce: Math.max(1, Math.floor(keptBytes / 2 / largest)) };
}
