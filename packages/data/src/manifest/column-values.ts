import { PolymodalError, together } from '@polymodal/core';
import { isMissing } from '../values/missing-cells';
import type { Manifest } from './manifest';
import { placeOf } from './resolve-bindings';

/** Faults that are told. */
const mostTold = 100;

/**
 * What a column says of each sample of a manifest.
 *
 * @param where how errors call what names the column
 * @param read  makes a value of a cell, undefined of an empty one; its errors are told together, by their lines
 * @throws ConfigError for a column that there is not, with the nearest name
 */
export async function columnValues<T>(
  manifest: Manifest,
  column: string,
  where: string,
  read: (cell: unknown) => T,
): Promise<T[]> {
  const place = placeOf(column, manifest.table, where);
  const values: T[] = [];
  const faults: PolymodalError[] = [];
  for (let index = 0; index < manifest.length && faults.length < mostTold; index++) {
    const cell = (await manifest.cells(index))[place];
    try {
      values.push(read(isMissing(cell, manifest.missing) ? undefined : cell));
    } catch (error) {
      if (!PolymodalError.isInstance(error)) throw error;
      faults.push(error.at(`${manifest.where(index)}, column "${column}"`));
    }
  }
  if (faults.length > 0) throw together(faults);
  return values;
}
