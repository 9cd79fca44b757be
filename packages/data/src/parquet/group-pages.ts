import { FileFormatError } from '@polymodal/core';
import { type RowGroup, readOffsetIndex } from 'hyparquet';
import type { ByteSource } from '../files/byte-source';
import { type ColumnPages, columnPages } from './column-pages';

/** The pages of a group's columns, by their paths, as far as they are known. */
export type GroupPages = ReadonlyMap<string, ColumnPages>;

/** What is read anew for each few rows. */
const mostUnknown = 2 ** 31;

/**
 * Finds the pages of a group of rows, by the file's index of them, or by their headers.
 *
 * @param repeated paths of columns whose rows may have several values
 * @throws FileFormatError for very long columns in which pages cannot be told by rows
 */
export async function groupPages(
  source: ByteSource,
  { columns, num_rows }: RowGroup,
  repeated: ReadonlySet<string>,
): Promise<GroupPages> {
  const pages = new Map<string, ColumnPages>();
  for (const { meta_data: own, offset_index_offset: index, offset_index_length: length = 0 } of columns) {
    if (!own) continue;
    const path = own.path_in_schema.join('.');
    const found =
      index !== undefined && !own.dictionary_page_offset // or it says nothing of the dictionary
        ? await indexedPages(source, Number(index), length)
        : await columnPages(source, own, repeated.has(path), Number(num_rows));
    if (found) pages.set(path, found);
    else if (index === undefined && own.total_uncompressed_size > mostUnknown) throw tooLong(source.path, path);
  }
  return pages;
}

async function indexedPages(source: ByteSource, start: number, length: number): Promise<ColumnPages> {
  const { buffer } = await source.read(start, start + length);
  const { page_locations: locations } = readOffsetIndex({ view: new DataView(buffer), offset: 0 });
  return { locations, inDictionary: locations.map(() => false) };
}

function tooLong(path: string, column: string): FileFormatError {
  return new FileFormatError({
    where: `${path}, column "${column}"`,
    expected: `groups of rows whose lists take at most ${mostUnknown} bytes, as there is no index of their pages`,
    received: 'one in which they take more',
    hint: 'Write it with smaller ones, pyarrow.parquet.write_table(table, path, row_group_size=1000), or with write_page_index=True.',
  });
}
