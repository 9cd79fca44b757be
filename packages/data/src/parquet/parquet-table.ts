import { dirname } from 'node:path';
import { TextDecoder } from 'node:util';
import { FileFormatError, PolymodalError } from '@polymodal/core';
import {
  type AsyncBuffer,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
  type SchemaElement,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { Recent } from '../files/recent';
import { SourceFile } from '../files/source-file';
import { requireColumns } from '../table/require-columns';
import { rowIndex } from '../table/row-index';
import { type Cells, type Table, unreadBytes } from '../table/table';

/** Bytes, decoded, of the rows that are read together: a group of rows, or a part of a large one. */
const windowBytes = 2 ** 26;

/** Of the group that a window is part of, as it lies in the file. */
const largestGroup = 2 ** 31;

/** Rows that are read together. */
interface Window {
  readonly start: number;
  readonly end: number;
}

/**
 * Opens a file of Parquet. Rows are read by groups, and large groups in parts, the last two of which stay in memory. Bytes stay bytes;
 * texts, dates, lists and structures become those of JavaScript, integers that no number holds a bigint.
 *
 * @throws FileFormatError for a file that is none, or whose groups of rows are too large
 */
export async function openParquet(path: string): Promise<Table> {
  const source = await SourceFile.open(path);
  const file: AsyncBuffer = {
    byteLength: source.length,
    slice: async (start, end = source.length) => (await source.read(start, end)).buffer,
  };
  const metadata = await decoded(path, () => parquetMetadataAsync(file, { geoparquet: false }));
  const columns = parquetSchema(metadata).children.map(({ element }) => element.name);
  requireColumns(columns.length, path);
  const windows = windowsOf(metadata, path);
  const rows = rowIndex();
  for (const { start, end } of windows) rows.add(end - start, path);
  const recent = new Recent<string, readonly Cells[]>(2);
  const passable = new Set(bytesEverywhere(metadata).map((name) => columns.indexOf(name)));

  const readWindow = async (window: number, passed: readonly number[]): Promise<Cells[]> => {
    const { start: rowStart, end: rowEnd } = windows[window];
    const rows = { rowStart, rowEnd, columns: columns.filter((_, place) => !passed.includes(place)) };
    if (rows.columns.length === 0)
      return Array.from({ length: rowEnd - rowStart }, () => columns.map(() => unreadBytes));
    const objects = await decoded(path, () =>
      parquetReadObjects({ file, metadata, ...rows, compressors, useOffsetIndex: true, ...options }),
    );
    return objects.map((object) =>
      columns.map((name, place) => (passed.includes(place) ? unreadBytes : plain(object[name]))),
    );
  };
  return {
    name: path,
    columns,
    length: rows.length,
    remarks: [],
    async read(index, unread = new Set()) {
      const { part, place } = rows.locate(index);
      const passed = [...passable].filter((column) => unread.has(column));
      return (await recent.get([part, ...passed].join(), () => readWindow(part, passed)))[place];
    },
    folder: () => dirname(path),
    where: (index) => `${path}, row ${index}`,
  };
}

/** The columns of bytes, by themselves or as Hugging Face has them, of which the file says that no row is without. */
function bytesEverywhere(metadata: FileMetaData): string[] {
  const isBytes = ({ type, converted_type, logical_type }: SchemaElement) =>
    type === 'BYTE_ARRAY' && converted_type === undefined && logical_type === undefined;
  const isFull = (path: string) =>
    metadata.row_groups.every(({ columns }) => {
      const own = columns.find(({ meta_data }) => meta_data?.path_in_schema.join('.') === path);
      return own?.meta_data?.statistics?.null_count === 0n;
    });
  return parquetSchema(metadata).children.flatMap(({ element, children }) => {
    const bytes = children.find((child) => child.element.name === 'bytes');
    const [leaf, path] = bytes ? [bytes.element, `${element.name}.bytes`] : [element, element.name];
    const isRepeated = element.repetition_type === 'REPEATED' || (children.length > 0 && !bytes);
    return !isRepeated && isBytes(leaf) && isFull(path) ? [element.name] : [];
  });
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

const options = {
  utf8: false, // bytes that no type calls a text are none
  geoparquet: false,
  parsers: { stringFromBytes: (bytes: Uint8Array | undefined) => bytes && utf8.decode(bytes) },
};

function windowsOf({ row_groups }: FileMetaData, path: string): Window[] {
  const windows: Window[] = [];
  let start = 0;
  for (const { num_rows, total_byte_size } of row_groups) {
    const [count, bytes] = [Number(num_rows), Number(total_byte_size)];
    if (bytes > largestGroup) {
      throw new FileFormatError({
        where: path,
        expected: `groups of rows of at most ${largestGroup} bytes`,
        received: `one of ${bytes}`,
        hint: 'Write it with smaller ones: pyarrow.parquet.write_table(table, path, row_group_size=1000).',
      });
    }
    const step = Math.max(1, Math.floor(count * Math.min(1, windowBytes / Math.max(1, bytes))));
    const end = start + count;
    for (; start < end; start += step) windows.push({ start, end: Math.min(start + step, end) });
    start = end;
  }
  return windows;
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
