import { basename } from 'node:path';
import { ConfigError } from '@polymodal/core';

/** The formats of tables that are files. */
export const tableFormats = ['csv', 'jsonl', 'json', 'parquet', 'tar'] as const;

/** A format of tables that are files. */
export type TableFormat = (typeof tableFormats)[number];

const endings: readonly (readonly [string, TableFormat])[] = [
  ['.csv', 'csv'],
  ['.tsv', 'csv'],
  ['.jsonl', 'jsonl'],
  ['.ndjson', 'jsonl'],
  ['.parquet', 'parquet'],
  ['.tar', 'tar'],
  ['.tar.gz', 'tar'],
  ['.tgz', 'tar'],
];

/** What a file is by the end of its name, in capitals or not. One that ends with `.json` is a table only where it is asked for as one. */
export function formatOf(path: string): TableFormat | undefined {
  return endings.find(([ending]) => path.toLowerCase().endsWith(ending))?.[1];
}

/** As {@link formatOf}. @throws ConfigError for another one */
export function requireFormat(path: string): TableFormat {
  const format = /\.json$/i.test(path) ? 'json' : formatOf(path);
  if (format !== undefined) return format;
  throw new ConfigError({
    where: path,
    expected: `a folder, or a file that ends with ${[...endings.map(([ending]) => ending), '.json'].join(', ')}`,
    received: basename(path),
    hint: hintFor(path),
  });
}

/** What becomes of files that people have beside those that are read. */
function hintFor(path: string): string {
  if (/\.(xlsx?|xlsm|ods|numbers)$/i.test(path)) return 'Save it as CSV: "CSV UTF-8" in Excel.';
  if (/\.(zip|rar|7z|gz|bz2|xz|zst)$/i.test(path)) return 'Unpack it first.';
  return 'Say what it is: { format: "csv" }.';
}
