import { TextDecoder } from 'node:util';
import { type AsyncBuffer, type FileMetaData, parquetSchema, type RowGroup } from 'hyparquet';
import { parquetPlan } from 'hyparquet/src/plan.js';
import { assembleAsync, asyncGroupToRows } from 'hyparquet/src/rowgroup.js';
import { readParquetPlan } from 'hyparquet/src/scan.js';
import { compressors } from 'hyparquet-compressors';
import type { ByteSource } from '../files/byte-source';
import { withoutNeedlessDictionary } from './column-pages';
import type { GroupPages } from './group-pages';
import type { GroupBlock } from './row-group-blocks';

/** Reads blocks of rows of a file, and of its columns no more than the pages that have them. */
export class RowGroupReader {
  readonly #source: ByteSource;
  readonly #metadata: FileMetaData;

  constructor(source: ByteSource, metadata: FileMetaData) {
    this.#source = source;
    this.#metadata = metadata;
  }

  /**
   * The rows of a block, each with the values of some columns in this order.
   *
   * @param pages of its group, where it is a part of it
   */
  async read(
    { group, start, end }: GroupBlock,
    columns: readonly string[],
    pages: GroupPages = new Map(),
  ): Promise<unknown[][]> {
    const names = [...columns];
    const options = {
      ...decoding,
      file: asyncBuffer(this.#source),
      metadata: { ...this.#metadata, row_groups: [partOf(this.#metadata.row_groups[group], pages, start, end)] },
      rowStart: start,
      rowEnd: end,
      columns: names,
      pageLocationsByGroup: [Object.fromEntries([...pages].map(([path, { locations }]) => [path, locations]))],
    };
    const [read] = readParquetPlan(options, parquetPlan(options));
    const assembled = assembleAsync(read, parquetSchema(this.#metadata), decoding.parsers);
    const settled = await Promise.allSettled(assembled.asyncColumns.map(({ data }) => data)); // none is left behind
    const failed = settled.find(({ status }) => status === 'rejected') as PromiseRejectedResult | undefined;
    if (failed) throw failed.reason;
    return asyncGroupToRows(assembled, start, end, names, 'array');
  }
}

/** A group of which some rows are read. */
function partOf(rowGroup: RowGroup, pages: GroupPages, start: number, end: number): RowGroup {
  const columns = rowGroup.columns.map((column) => {
    const own = column.meta_data;
    const known = own && pages.get(own.path_in_schema.join('.'));
    return known ? { ...column, meta_data: withoutNeedlessDictionary(own, known, start, end) } : column;
  });
  return { ...rowGroup, columns };
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

const decoding = {
  compressors,
  useOffsetIndex: true,
  utf8: false, // bytes that no type calls a text are none
  geoparquet: false,
  parsers: { stringFromBytes: (bytes: Uint8Array | undefined) => bytes && utf8.decode(bytes) },
};

/** A source of bytes as the library reads it. */
export function asyncBuffer(source: ByteSource): AsyncBuffer {
  return {
    byteLength: source.length,
    slice: async (start, end = source.length) => (await source.read(start, end)).buffer,
  };
}
