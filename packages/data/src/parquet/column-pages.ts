import type { ColumnMetaData, OffsetIndex, PageHeader } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import type { ByteSource } from '../files/byte-source';

/** The pages of values of a column within a group of rows. */
export interface ColumnPages {
  /** Where they lie, and with which row each begins. */
  readonly locations: OffsetIndex['page_locations'];
  /** Of each, whether its values are places in the column's dictionary. */
  readonly inDictionary: readonly boolean[];
}

/** What is read to find a header in; one of long statistics takes more. */
const usualHeader = 2 ** 10;

/**
 * Finds the pages of a column by their headers, one after the other, for a file without an index of them, as most are that pyarrow wrote.
 *
 * @param isRepeated whether rows have several values, which a header does not always tell apart
 * @param rows of the group
 * @returns `undefined` for pages that rows cannot be found in by their headers
 */
export async function columnPages(
  source: ByteSource,
  column: ColumnMetaData,
  isRepeated: boolean,
  rows: number,
): Promise<ColumnPages | undefined> {
  const start = Number(column.dictionary_page_offset || column.data_page_offset);
  const end = start + Number(column.total_compressed_size);
  const locations: OffsetIndex['page_locations'] = [];
  const inDictionary: boolean[] = [];
  let row = 0;
  for (let at = start; at < end && row < rows; ) {
    const { header, length } = await headerAt(source, at, end);
    const size = length + header.compressed_page_size;
    const own = rowsOf(header, isRepeated);
    if (own === undefined || !(header.compressed_page_size >= 0)) return undefined;
    if (own > 0) {
      locations.push({ offset: BigInt(at), compressed_page_size: size, first_row_index: BigInt(row) });
      inDictionary.push(/DICTIONARY/.test((header.data_page_header ?? header.data_page_header_v2)!.encoding));
    }
    row += own;
    at += size;
  }
  return row === rows ? { locations, inDictionary } : undefined;
}

/**
 * A column of which some rows are read, without its dictionary where they do without: pyarrow puts the first values of a column into one, of
 * pictures 50 MB, until it is too large, and all others beside it.
 */
export function withoutNeedlessDictionary(
  column: ColumnMetaData,
  { locations, inDictionary }: ColumnPages,
  start: number,
  end: number,
): ColumnMetaData {
  const isRead = (page: number) => {
    const next = locations[page + 1]?.first_row_index ?? Number.POSITIVE_INFINITY;
    return locations[page].first_row_index < end && next > start;
  };
  if (inDictionary.some((own, page) => own && isRead(page))) return column;
  return { ...column, dictionary_page_offset: undefined, data_page_offset: locations[0].offset };
}

/** 0 for a page that is none of data; `undefined` where the header does not say it. */
function rowsOf(
  { data_page_header: first, data_page_header_v2: second }: PageHeader,
  isRepeated: boolean,
): number | undefined {
  if (second) return second.num_rows;
  if (!first) return 0;
  return isRepeated ? undefined : first.num_values;
}

async function headerAt(source: ByteSource, at: number, end: number, bytes = usualHeader) {
  const until = Math.min(at + bytes, end);
  const { buffer } = await source.read(at, until);
  const reader = { view: new DataView(buffer), offset: 0 };
  try {
    const header: PageHeader = parquetHeader(reader);
    return { header, length: reader.offset };
  } catch (error) {
    if (!(error instanceof RangeError) || until === end) throw error; // it goes on behind what was read
    return headerAt(source, at, end, 16 * bytes);
  }
}
