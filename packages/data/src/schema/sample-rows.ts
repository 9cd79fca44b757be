import type { PolymodalError } from '@polymodal/core';
import { type Cells, isFault, type Table } from '../table/table';

/** Rows that follow one another cost as much to read as one. */
const run = 25;

/** A row that was looked at. */
export interface SampledRow {
  readonly cells: Cells;
  /** From which relative paths in its cells start. */
  readonly folder: string;
  /** For error messages: `products.csv, line 18`. */
  readonly where: string;
}

/** Up to `most` rows, in short runs from all over the table, since its beginning may be unlike the rest; of those with a fault, why. */
export async function sampleRows(
  table: Table,
  most: number,
): Promise<{ readonly rows: readonly SampledRow[]; readonly faults: readonly PolymodalError[] }> {
  const runs = Math.ceil(Math.min(most, table.length) / run);
  const rows: SampledRow[] = [];
  const faults: PolymodalError[] = [];
  for (let number = 0; number < runs; number++) {
    const start = Math.floor((number * table.length) / runs);
    const end = Math.min(start + run, Math.floor(((number + 1) * table.length) / runs));
    for (let index = start; index < end; index++) {
      const row = await table.read(index);
      if (isFault(row)) faults.push(row);
      else rows.push({ cells: row, folder: table.folder(index), where: table.where(index) });
    }
  }
  return { rows, faults };
}
