import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { asStorageError, ConfigError, isPath, parseConfig, requireArgument } from '@polymodal/core';
import { z } from 'zod';
import { Recent } from '../files/recent';
import { openFolder } from '../folders/open-folder';
import { openParquet, type RecentRows } from '../parquet/parquet-table';
import { openShard } from '../shards/shard-table';
import { type CsvOptions, openCsv } from '../text/csv-table';
import { openJson } from '../text/json-table';
import { openJsonl } from '../text/jsonl-table';
import { bracesOf } from './braces';
import { joinTables } from './joined-table';
import type { Table } from './table';
import { requireFormat, type TableFormat, tableFormats } from './table-format';

/** How tables are read. */
export interface TableOptions {
  /** What the file is, where its name does not say so. */
  readonly format?: TableFormat | undefined;
  readonly csv?: CsvOptions | undefined;
  /**
   * Files of Parquet are read by blocks of rows: `cacheBytes` of these stay in memory, those of all files that are opened together. What does not
   * fit is visited in an order in which blocks are read once an epoch. Default 2²⁹.
   */
  readonly parquet?: { readonly cacheBytes?: number | undefined } | undefined;
}

const usualCache = 2 ** 29;

/** What {@link TableOptions} are parsed with. */
export const tableOptions = z.strictObject({
  format: z.enum(tableFormats).optional(),
  csv: z
    .strictObject({ delimiter: z.string().optional(), quote: z.string().optional(), encoding: z.string().optional() })
    .optional(),
  parquet: z.strictObject({ cacheBytes: z.number().nonnegative().optional() }).optional(),
});

/**
 * Opens a table: a file, a folder, or several that follow one another, also as `shard-{000..012}.tar`. The rows of a text are looked through
 * once, and all are read when they are asked for.
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
  requireArgument(arePaths, 'openTable', 'the path of a file or folder, or a list of paths', path);
  const { parquet, ...parsed } = parseConfig(tableOptions, options, 'openTable');
  const open = opener(parsed, new Recent(parquet?.cacheBytes ?? usualCache));
  const tables: Table[] = [];
  for (const written of paths) {
    const own = (await isThere(written)) ? [written] : bracesOf(written);
    for (const one of own.map((path) => resolve(path)))
      tables.push(await ((await isFolder(one)) ? openFolder(one, open) : open(one)));
  }
  return joinTables(tables);
}

/** Opens single files. */
function opener({ format: asked, csv }: Pick<TableOptions, 'format' | 'csv'>, recent: RecentRows) {
  return async (path: string): Promise<Table> => {
    const format = asked ?? requireFormat(path);
    if (csv !== undefined && format !== 'csv') {
      const received = `${path}, which is ${format}`;
      throw new ConfigError({ where: 'openTable.csv', expected: 'a file of CSV', received });
    }
    if (format === 'csv') return openCsv(path, csv);
    return format === 'parquet' ? openParquet(path, recent) : openers[format](path);
  };
}

const openers = { jsonl: openJsonl, json: openJson, tar: openShard };

/** A file may have braces in its name. */
function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    throw asStorageError(error, path, 'a table that can be read');
  }
}
