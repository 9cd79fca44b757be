import { dirname } from 'node:path';
import { FileFormatError, PolymodalError } from '@polymodal/core';
import { type FileMetaData, parquetMetadataAsync, parquetSchema } from 'hyparquet';
import type { Recent } from '../files/recent';
import { SourceFile } from '../files/source-file';
import { requireColumns } from '../table/require-columns';
import { rowIndex } from '../table/row-index';
import { type Cells, type Table, unreadBytes } from '../table/table';
import { classLabels } from './class-labels';
import { bytesEverywhere, repeatedColumns } from './column-paths';
import { type GroupPages, groupPages } from './group-pages';
import { type GroupBlock, isLarge, rowGroupBlocks } from './row-group-blocks';
import { asyncBuffer, RowGroupReader } from './row-group-reader';

/** Rows in memory, of blocks that were read last. */
export type RecentRows = Recent<string, readonly Cells[]>;

/**
 * Opens a file of Parquet. Rows are read by blocks: groups, and large groups in parts. Bytes stay bytes; texts, dates, lists and
 * structures become those of JavaScript, integers that no number holds a bigint.
 *
 * @param recent where blocks stay
 * @throws FileFormatError for a file that is none, or whose groups of rows are too large
 */
export async function openParquet(path: string, recent: RecentRows): Promise<Table> {
  const source = await SourceFile.open(path);
  const metadata = await decoded(path, () => parquetMetadataAsync(asyncBuffer(source), { geoparquet: false }));
  const columns = parquetSchema(metadata).children.map(({ element }) => element.name);
  requireColumns(columns.length, path);
  const { blocks, pagesOf } = await decoded(path, () => blocksOf(source, metadata, recent.capacity));
  const rows = rowIndex();
  for (const { start, end } of blocks) rows.add(end - start, path);
  const reader = new RowGroupReader(source, metadata);
  const passable = new Set(bytesEverywhere(metadata).map((name) => columns.indexOf(name)));

  const readBlock = async (block: number, passed: readonly number[]): Promise<Cells[]> => {
    const asked = [...columns.keys()].filter((place) => !passed.includes(place));
    const { start, end } = blocks[block];
    const names = asked.map((place) => columns[place]);
    const values =
      names.length > 0
        ? await decoded(path, () => reader.read(blocks[block], names, pagesOf.get(blocks[block].group)))
        : Array.from({ length: end - start }, () => []);
    return values.map((own) => {
      const cells = columns.map((): unknown => unreadBytes);
      asked.forEach((place, position) => {
        cells[place] = plain(own[position]);
      });
      return cells;
    });
  };
  return {
    name: path,
    columns,
    length: rows.length,
    remarks: [],
    classes: classLabels(metadata),
    blocks: {
      blockOf: (index) => rows.locate(index).part,
      bytes: blocks.map(({ bytes }) => bytes),
      keptBytes: recent.capacity,
    },
    async read(index, unread = new Set()) {
      const { part, place } = rows.locate(index);
      const passed = [...passable].filter((column) => unread.has(column));
      const key = JSON.stringify([path, part, ...passed]);
      return (await recent.get(key, () => readBlock(part, passed), blocks[part].bytes))[place];
    },
    folder: () => dirname(path),
    where: (index) => `${path}, row ${index}`,
  };
}

async function blocksOf(source: SourceFile, metadata: FileMetaData, keptBytes: number) {
  const repeated = repeatedColumns(metadata);
  const pagesOf = new Map<number, GroupPages>();
  const blocks: GroupBlock[] = [];
  for (const [group, rowGroup] of metadata.row_groups.entries()) {
    const pages = isLarge(rowGroup, keptBytes) ? await groupPages(source, rowGroup, repeated) : undefined;
    if (pages) pagesOf.set(group, pages);
    blocks.push(...rowGroupBlocks(rowGroup, group, pages, keptBytes));
  }
  return { blocks, pagesOf };
}

/** What the library says of a file becomes an error that names it. */
async function decoded<Value>(path: string, decode: () => Promise<Value>): Promise<Value> {
  try {
    return await decode();
  } catch (error) {
    if (PolymodalError.isInstance(error)) throw error;
    throw new FileFormatError({
      where: path,
      expected: 'a file of Parquet that can be decoded',
      received: `one of which the decoder says: ${(error as Error).message}`,
      hint: 'The file is damaged, cut short, or has something that is not decoded.',
      cause: error,
    });
  }
}

/** Integers are numbers where these hold them. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return isSafe(value) ? Number(value) : value;
  if (Array.isArray(value)) return value.map(plain);
  const isStructure = typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  if (!isStructure) return value;
  return Object.fromEntries(Object.entries(value).map(([name, own]) => [name, plain(own)]));
}

function isSafe(value: bigint): boolean {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER);
}
