import type { Manifest } from '../manifest/manifest';
import { type ColumnKind, columnKind } from '../schema/column-kind';
import { sampleRows } from '../schema/sample-rows';
import { isMissing } from '../values/missing-cells';

/** A column of the table. */
export interface InspectedColumn {
  readonly column: string;
  readonly kind: ColumnKind;
  /** Why it is taken for that. */
  readonly why: string;
  /** Rows that were looked at, and of these such as have a cell here. */
  readonly rows: number;
  readonly present: number;
  /** What reads it: slots and targets by their names, `id`, and what was said besides. */
  readonly readBy: readonly string[];
  /** What may be amiss with that. */
  readonly remark?: string;
}

/** Rows from all over the table that are looked at. */
const lookedAt = 5000;
/** Of fewer cells a column is mostly empty. */
const mostlyEmpty = 0.5;

/**
 * What the columns of a table are, who reads them, and what of that may not be meant: one that nobody reads, or that is read and tells nothing.
 *
 * @param elsewhere who reads columns besides, by their names: `{ fold: ['split'] }`
 */
export async function inspectColumns(
  manifest: Manifest,
  elsewhere: Readonly<Record<string, readonly string[]>>,
): Promise<InspectedColumn[]> {
  const { table, bindings, idColumn, missing } = manifest;
  const { rows } = await sampleRows(table, lookedAt);
  const slots = readersOf(bindings.slots, 'slot');
  const targets = readersOf(bindings.targets, 'target');
  return table.columns.map((column, place) => {
    const cells = rows.map((row) => (isMissing(row.cells[place], missing) ? undefined : row.cells[place]));
    const present = cells.filter((cell) => cell !== undefined).length;
    const { kind, why } = columnKind(cells);
    const learned = [...(slots.get(place) ?? []), ...(targets.get(place) ?? [])];
    const readBy = [
      ...learned,
      ...(column === idColumn ? ['id'] : []),
      ...(Object.hasOwn(elsewhere, column) ? elsewhere[column] : []),
    ];
    const own = { column, kind, why, rows: rows.length, present, readBy };
    const remark =
      learned.length > 0 ? remarkOnRead(own, slots.has(place)) : readBy.length > 0 ? '' : remarkOnUnread(own);
    return remark === '' ? own : { ...own, remark };
  });
}

type Bindings = Manifest['bindings']['slots'];

/** By the place of a column. */
function readersOf(bindings: Bindings, what: string): ReadonlyMap<number, readonly string[]> {
  const readers = new Map<number, string[]>();
  for (const { name, columns } of bindings)
    for (const { place } of columns) readers.set(place, [...(readers.get(place) ?? []), `${what} ${name}`]);
  return readers;
}

function remarkOnRead({ kind, why, rows, present }: InspectedColumn, isInput: boolean): string {
  if (kind === 'empty') return 'read, and empty';
  if (kind === 'constant') return `read, and tells nothing: ${why}`;
  if (kind === 'id' && isInput) return 'read, and names rows: it tells nothing of others';
  return present < mostlyEmpty * rows ? `mostly empty: ${rows - present} of ${rows} cells` : '';
}

function remarkOnUnread({ kind }: InspectedColumn): string {
  return kind === 'empty' || kind === 'constant' || kind === 'id' ? '' : 'nothing reads it';
}
