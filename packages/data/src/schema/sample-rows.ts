import { type Cells, isFault, type Table } from '../table/table';

/** Rows that follow one another cost as much to read as one. */
const run = 25;

/** Up to `most` rows without a fault, in short runs from all over the table, since its beginning may be unlike the rest. */
export async function sampleRows(table: Table, most: number): Promise<Cells[]> {
  const runs = Math.ceil(Math.min(most, table.length) / run);
  const rows: Cells[] = [];
  for (let number = 0; number < runs; number++) {
    const start = Math.floor((number * table.length) / runs);
    const end = Math.min(start + run, Math.floor(((number + 1) * table.length) / runs));
    for (let index = start; index < end; index++) {
      const row = await table.read(index);
      if (!isFault(row)) rows.push(row);
    }
  }
  return rows;
}
