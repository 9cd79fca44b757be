/**
 * Whether a cell is empty: nothing, a number that is none, or a text of white space.
 *
 * @param missing further texts that stand for nothing: `NA`, `null` …
 */
export function isMissing(cell: unknown, missing: ReadonlySet<string> = none): boolean {
  if (cell === undefined || cell === null || Number.isNaN(cell)) return true;
  return typeof cell === 'string' && (cell.trim() === '' || missing.has(cell.trim()));
}

const none: ReadonlySet<string> = new Set();
