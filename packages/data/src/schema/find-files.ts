import { PolymodalError } from '@polymodal/core';
import { isMissing } from '../values/missing-cells';
import { readFileCell } from '../values/read-file-cell';
import type { SampledRow } from './sample-rows';

/** Which files of a column are there. */
export interface FoundFiles {
  /** How many cells were looked at; empty ones are none. */
  readonly looked: number;
  /** Of these, how many name a file that is there, are its bytes, or its address, which is not asked. */
  readonly found: number;
  /** Of the first that is not, why. */
  readonly fault?: PolymodalError;
}

/** Looks for the files that a column, at its place among the cells, names. */
export async function findFiles(
  rows: readonly SampledRow[],
  column: string,
  place: number,
  missing: readonly string[],
): Promise<FoundFiles> {
  const empty = new Set(missing);
  const named = rows.filter(({ cells }) => !isMissing(cells[place], empty));
  let found = 0;
  let fault: PolymodalError | undefined;
  for (const { cells, folder, where } of named) {
    try {
      await readFileCell(cells[place], { root: folder, mayFetch: true });
      found++;
    } catch (error) {
      if (!PolymodalError.isInstance(error)) throw error;
      fault ??= error.at(`${where}, column "${column}"`);
    }
  }
  return { looked: named.length, found, ...(fault && { fault }) };
}

/** Up to `most` of a list, from all over it. */
export function everyNth<T>(list: readonly T[], most: number): T[] {
  const count = Math.min(most, list.length);
  return Array.from({ length: count }, (_, index) => list[Math.floor((index * list.length) / count)]);
}
