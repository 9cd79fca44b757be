import { FileFormatError, suggestNames } from '@polymodal/core';
import type { RowBlocks } from './row-blocks';
import { type RowIndex, rowIndex } from './row-index';
import { isFault, type RowOrFault, type Table } from './table';

/**
 * Tables one after the other, as shards are. A column that one of them lacks is empty there; tables that share none are refused.
 *
 * @throws FileFormatError for tables that have nothing in common
 */
export function joinTables(tables: readonly Table[]): Table {
  const [first, ...others] = tables;
  if (others.length === 0) return first;
  const rows = rowIndex();
  for (const table of tables) {
    requireCommon(table, first);
    rows.add(table.length, table.name);
  }
  const columns = [...new Set(tables.flatMap((table) => table.columns))];
  const places = tables.map((table) => columns.map((name) => table.columns.indexOf(name)));
  return {
    name: `${first.name} and ${others.length} more`,
    columns,
    length: rows.length,
    remarks: tables.flatMap(({ remarks }) => remarks),
    classes: joinedClasses(tables),
    blocks: joinedBlocks(tables, rows),
    async read(index, unread): Promise<RowOrFault> {
      const { part, place } = rows.locate(index);
      const own = unread && new Set([...unread].map((column) => places[part][column]));
      const row = await tables[part].read(place, own);
      return isFault(row) ? row : places[part].map((column) => (column < 0 ? undefined : row[column]));
    },
    folder(index) {
      const { part, place } = rows.locate(index);
      return tables[part].folder(place);
    },
    id(index) {
      const { part, place } = rows.locate(index);
      return tables[part].id?.(place);
    },
    where(index) {
      const { part, place } = rows.locate(index);
      return tables[part].where(place);
    },
  };
}

/** Those on which all tables with their column agree. */
function joinedClasses(tables: readonly Table[]): NonNullable<Table['classes']> {
  const all = tables.flatMap(({ classes }) => Object.entries(classes ?? {}));
  const agree = ([column, names]: (typeof all)[number]) =>
    tables.every(({ columns, classes }) => !columns.includes(column) || isSame(classes?.[column], names));
  return Object.fromEntries(all.filter(agree));
}

function isSame(one: readonly string[] | undefined, other: readonly string[]): boolean {
  return one?.length === other.length && other.every((name, index) => name === one[index]);
}

/** Those of tables one after the other, where all have such. */
function joinedBlocks(tables: readonly Table[], rows: RowIndex): RowBlocks | undefined {
  const parts = tables.flatMap(({ blocks }) => blocks ?? []);
  if (parts.length < tables.length) return undefined;
  const before: number[] = [];
  parts.reduce((sum, { bytes }, part) => {
    before[part] = sum;
    return sum + bytes.length;
  }, 0);
  return {
    blockOf(index) {
      const { part, place } = rows.locate(index);
      return before[part] + parts[part].blockOf(place);
    },
    bytes: parts.flatMap(({ bytes }) => bytes),
    keptBytes: parts[0].keptBytes, // which they share: they were opened together
  };
}

function requireCommon(table: Table, first: Table): void {
  if (table.length === 0 || first.length === 0 || table.columns.some((name) => first.columns.includes(name))) return;
  throw new FileFormatError({
    where: table.name,
    expected: `a table with columns of ${first.name}`,
    received: table.columns.slice(0, 5).join(', ') || 'no column',
    hint: suggestNames(table.columns[0] ?? '', first.columns),
  });
}
