import { basename, join } from 'node:path';
import { FileFormatError } from '@polymodal/core';
import { joinTables } from '../table/joined-table';
import type { Table } from '../table/table';
import { formatOf } from '../table/table-format';
import { tableView } from '../table/table-view';
import { mediaOfName } from '../values/media-type';
import { classTable } from './class-table';
import { listFiles } from './list-files';
import { remarksOnSplits, splitName, splitOfTable } from './split-name';
import { withSplit } from './with-split';

/**
 * Opens a folder:
 * - with `metadata.csv`, `.jsonl` or `.parquet` in it, or in each of its folders: these, as `imagefolder` and `audiofolder` of Hugging Face have
 *   them, whose column `file_name` names files beside it
 * - with pictures and sounds: a row for each, `file_name`, with the `label` that the folders around it say
 * - with tables alone: these, one after the other, such as shards
 *
 * Where the folders or tables at its top are called train, validation, test and the like, there is a column `split`.
 *
 * @param openFile opens a table
 * @throws FileFormatError for a folder that is none of these
 */
export async function openFolder(folder: string, openFile: (path: string) => Promise<Table>): Promise<Table> {
  const files = await listFiles(folder);
  const metadata = files.filter((file) => /(^|\/)metadata\.(csv|jsonl|parquet)$/i.test(file));
  const media = files.filter((file) => mediaOfName(file) !== undefined);
  if (metadata.length > 0) return metadataTable(folder, metadata, media, openFile);
  if (media.length > 0) return classTable(folder, media, remarksOn(folder, files.length - media.length));
  const tables = files.filter((file) => formatOf(file) !== undefined);
  if (tables.length === 0) throw nothing(folder, files);
  requireOneFormat(folder, tables);
  return joined(folder, tables, splitsOf(tables), openFile);
}

async function metadataTable(
  folder: string,
  metadata: readonly string[],
  media: readonly string[],
  openFile: (path: string) => Promise<Table>,
): Promise<Table> {
  const table = await joined(folder, metadata, splitsOf(metadata.filter((file) => file.includes('/'))), openFile);
  if (!table.columns.some((name) => /(^|_)file_names?$/.test(name))) {
    const received = `columns ${table.columns.slice(0, 5).join(', ')}`;
    throw new FileFormatError({ where: table.name, expected: 'a column "file_name", or one that ends so', received });
  }
  if (table.length >= media.length) return table;
  const remark = `${folder}: ${media.length} pictures and sounds, and metadata of ${table.length}`;
  return tableView(table, { remarks: [...table.remarks, remark] });
}

async function joined(
  folder: string,
  files: readonly string[],
  splits: ReadonlyMap<string, string>,
  openFile: (path: string) => Promise<Table>,
): Promise<Table> {
  const tables: Table[] = [];
  for (const file of files) {
    const table = await openFile(join(folder, file));
    const split = splits.get(file);
    tables.push(split === undefined ? table : withSplit(table, split));
  }
  const table = joinTables(tables);
  const tops = files.filter((file) => file.includes('/')).map((file) => file.split('/')[0]);
  const remarks = tops.length === files.length ? remarksOnSplits(folder, tops) : [];
  return remarks.length === 0 ? table : tableView(table, { remarks: [...table.remarks, ...remarks] });
}

/** The split of each file, by the folder at the top that it is in, or else by its own name; none unless all have one. */
function splitsOf(files: readonly string[]): ReadonlyMap<string, string> {
  const splits = files.map((file) => [file, splitOf(file)] as const);
  const all = splits.filter((own): own is [string, string] => own[1] !== undefined);
  return new Map(all.length === files.length ? all : []);
}

function splitOf(file: string): string | undefined {
  const [top, ...within] = file.split('/');
  return within.length > 0 ? splitName(top) : splitOfTable(top);
}

function requireOneFormat(folder: string, tables: readonly string[]): void {
  const other = tables.find((file) => formatOf(file) !== formatOf(tables[0]));
  if (other === undefined) return;
  throw new FileFormatError({
    where: folder,
    expected: 'tables of one format',
    received: `${tables[0]} and ${other}`,
    hint: 'Name those that are meant: openManifest([path, path]).',
  });
}

function remarksOn(folder: string, others: number): string[] {
  return others === 0 ? [] : [`${folder}: ${others} files that are neither pictures nor sounds are passed over`];
}

function nothing(folder: string, files: readonly string[]): FileFormatError {
  return new FileFormatError({
    where: folder,
    expected: 'a folder of pictures and sounds, or of tables',
    received: files.length === 0 ? 'no file' : `${files.length} files, such as ${basename(files[0])}`,
  });
}
