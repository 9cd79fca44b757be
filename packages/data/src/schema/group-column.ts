import { isMissing } from '../values/missing-cells';
import type { FoundColumn } from './found-column';

/** Who rows are of is mostly called so. */
const groupNames =
  /^((speaker|patient|participant)([_ -]?(id|number|no|code))?|(client|subject|user|session|group|family)[_ -]?id)$/i;

/** Of fewer groups none can be kept apart from the others. */
const fewest = 5;

/**
 * The column that says whose rows are, of a speaker or patient: they must not be parted, or a model is judged by people that it knows. None where
 * no value comes again, and where one has most of the rows.
 */
export function groupColumn(found: readonly FoundColumn[]): string | undefined {
  return found.find(({ column, cells }) => groupNames.test(column) && areGroups(cells))?.column;
}

function areGroups(cells: readonly unknown[]): boolean {
  if (cells.some((cell) => isMissing(cell) || typeof cell === 'object')) return false;
  const counts = new Map<string, number>();
  for (const cell of cells) counts.set(String(cell), (counts.get(String(cell)) ?? 0) + 1);
  return counts.size >= fewest && counts.size < cells.length && Math.max(...counts.values()) <= cells.length / 2;
}
