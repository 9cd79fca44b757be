import type { ColumnMetaData, RowGroup } from 'hyparquet';
import type { GroupPages } from './group-pages';

/** Rows of one group that are read together. */
export interface GroupBlock {
  /** The number of the group. */
  readonly group: number;
  /** Rows of the group. */
  readonly start: number;
  readonly end: number;
  /** About what they take in memory. */
  readonly bytes: number;
}

/** What a block takes; less where little stays in memory, since what comes of some blocks at a time is the better mixed the more there are. */
const [usualBlock, largestBlock] = [2 ** 23, 2 ** 26];

/** So many blocks stay in memory, or more. */
const leastBlocks = 64;

/** A row, and each of its cells beside its bytes. */
const [rowBytes, cellBytes] = [48, 16];

/** About what the rows of a group take in memory. */
function memoryOf({ num_rows, total_byte_size, columns }: RowGroup): number {
  return Number(total_byte_size) + Number(num_rows) * (rowBytes + cellBytes * columns.length);
}

/** What a block is to take where that much of all rows stays in memory. */
function blockSize(keptBytes: number): number {
  return Math.min(usualBlock, keptBytes / leastBlocks);
}

/** Whether a group is more than a block. */
export function isLarge(rowGroup: RowGroup, keptBytes: number): boolean {
  return memoryOf(rowGroup) > blockSize(keptBytes);
}

/**
 * The blocks of a group of rows: all of it, or parts that begin with pages of its largest column, so that these are read once.
 *
 * @param pages of a large group
 * @param keptBytes of rows that stay in memory
 */
export function rowGroupBlocks(
  rowGroup: RowGroup,
  group: number,
  pages: GroupPages | undefined,
  keptBytes: number,
): GroupBlock[] {
  const rows = Number(rowGroup.num_rows);
  const bytes = memoryOf(rowGroup);
  const block = (start: number, end: number): GroupBlock => ({
    group,
    start,
    end,
    bytes: (bytes * (end - start)) / rows,
  });
  if (rows === 0) return [];
  if (!pages) return [block(0, rows)];
  const columns = rowGroup.columns.flatMap(({ meta_data: own }) => own ?? []);
  const paged = columns.filter((own) => pages.has(own.path_in_schema.join('.')));
  const largest = paged.reduce<ColumnMetaData | undefined>(
    (most, own) => (most && sizeOf(most) >= sizeOf(own) ? most : own),
    undefined,
  );
  const beside = columns.reduce((sum, own) => sum + (own === largest ? 0 : bytesBeside(own, pages)), 0);
  const target = Math.min(largestBlock, Math.max(blockSize(keptBytes), 4 * beside));
  const size = rows * Math.min(1, target / bytes);
  const starts = largest
    ? pages.get(largest.path_in_schema.join('.'))!.locations.map(({ first_row_index }) => Number(first_row_index))
    : Array.from({ length: Math.ceil(bytes / target) }, (_, part) => Math.floor(part * size));
  const kept = starts.reduce<number[]>((own, start) => {
    if (own.length === 0 || start - own.at(-1)! >= size) own.push(start);
    return own;
  }, []);
  return kept.map((start, part) => block(start, kept[part + 1] ?? rows));
}

function sizeOf({ total_uncompressed_size }: ColumnMetaData): number {
  return Number(total_uncompressed_size);
}

/** What each block reads of a column beside its own rows: of a page about, and a dictionary of all, or the whole of one without known pages. */
function bytesBeside(column: ColumnMetaData, pages: GroupPages): number {
  const known = pages.get(column.path_in_schema.join('.'));
  if (!known) return sizeOf(column);
  const { dictionary_page_offset: start, data_page_offset: end } = column;
  const dictionary = start && known.inDictionary.every((own) => own) ? Math.max(0, Number(end - start)) : 0;
  return dictionary + sizeOf(column) / known.locations.length;
}
