import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { RowOrFault, Table } from '../table/table';

/** What Python's readers found in the fixtures: see tools/parity/data.py. */
export interface ReadByPython {
  readonly csv: readonly { readonly text: string; readonly delimiter: string; readonly rows: readonly string[][] }[];
  readonly parquet: { readonly columns: readonly string[]; readonly rows: readonly unknown[][] };
  /** Of the files called paged. */
  readonly pages: readonly unknown[][];
  readonly shards: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;
  readonly folders: Readonly<
    Record<
      string,
      { readonly files: readonly string[]; readonly rows: readonly Readonly<Record<string, string | null>>[] }
    >
  >;
}

/** The path of a fixture. */
export function fixture(name: string): string {
  return fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url));
}

export const readByPython: ReadByPython = JSON.parse(readFileSync(fixture('read-by-python.json'), 'utf8'));

/** All rows of a table. */
export function rowsOf(table: Table): Promise<RowOrFault[]> {
  return Promise.all(Array.from({ length: table.length }, (_, index) => table.read(index)));
}

/** A value as the fixtures write it. */
export function written(value: unknown): unknown {
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('base64') };
  if (value instanceof Date) return { date: value.getTime() };
  if (typeof value === 'bigint') return { bigint: String(value) };
  if (Number.isNaN(value)) return { nan: true };
  if (Array.isArray(value)) return value.map(written);
  if (typeof value !== 'object' || value === null) return value ?? null;
  const { date } = value as { date?: unknown };
  if (typeof date === 'string') return { date: Date.parse(date.includes('T') ? `${date}Z` : date) };
  return Object.fromEntries(Object.entries(value).map(([name, own]) => [name, written(own)]));
}
