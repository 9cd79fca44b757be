import { stat } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { asStorageError, ConfigError, FileFormatError, isPath, parseConfig, requireArgument } from '@polymodal/core';
import { z } from 'zod';
import { type CsvOptions, openCsv } from '../text/csv-table';
import { openJsonl } from '../text/jsonl-table';
import { joinTables } from './joined-table';
import type { Table } from './table';

/** The formats of tables. */
export type TableFormat = 'csv' | 'jsonl';

/** How tables are read. */
export interface TableOptions {
  /** What the file is, where its name does not say so. */
  readonly format?: TableFormat | undefined;
  readonly csv?: CsvOptions | undefined;
}

const tableOptions = z.strictObject({
  format: z.enum(['csv', 'jsonl']).optional(),
  csv: z
    .strictObject({ delimiter: z.string().optional(), quote: z.string().optional(), encoding: z.string().optional() })
    .optional(),
});

/**
 * Opens a table: a file, or several that follow one another. The rows of a file are looked through once and read when they are asked for.
 *
 * ```ts
 * const table = await openTable('products.csv');
 * console.log(table.columns, table.length, await table.read(0));
 * ```
 *
 * @throws FileFormatError for a file that is no such table, as a whole
 * @throws ConfigError for a file whose name does not say what it is
 */
export async function openTable(path: string | readonly string[], options: TableOptions = {}): Promise<Table> {
  const paths = typeof path === 'string' ? [path] : path;
  const arePaths = Array.isArray(paths) && paths.length > 0 && paths.every(isPath);
  requireArgument(arePaths, 'openTable', 'the path of a file, or a list of paths', path);
  const parsed = parseConfig(tableOptions, options, 'openTable');
  const tables: Table[] = [];
  for (const one of paths) tables.push(await openOne(resolve(one), parsed));
  return joinTables(tables);
}

async function openOne(path: string, { format = formatOf(path), csv }: z.output<typeof tableOptions>): Promise<Table> {
  await requireThere(path);
  if (csv !== undefined && format !== 'csv') {
    throw new ConfigError({
      where: 'openTable.csv',
      expected: 'a file of CSV',
      received: `${path}, which is ${format}`,
    });
  }
  return format === 'csv' ? openCsv(path, csv) : openJsonl(path);
}

const formats: Readonly<Record<string, TableFormat>> = {
  '.csv': 'csv',
  '.tsv': 'csv',
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
};

function formatOf(path: string): TableFormat {
  const format = formats[extname(path).toLowerCase()];
  if (format !== undefined) return format;
  throw new ConfigError({
    where: path,
    expected: `a file that ends with ${Object.keys(formats).join(', ')}`,
    received: extname(path) || 'a name without an ending',
    hint: 'Say what it is: { format: "csv" }.',
  });
}

async function requireThere(path: string): Promise<void> {
  try {
    const stats = await stat(path);
    if (stats.isDirectory()) throw new FileFormatError({ where: path, expected: 'a file', received: 'a folder' });
  } catch (error) {
    throw asStorageError(error, path, 'a table that can be read');
  }
}
