import { FileFormatError } from '@polymodal/core';

/** More are no columns, but values that stand in the place of names. */
const mostColumns = 10_000;

/** @throws FileFormatError for a table of very many columns */
export function requireColumns(count: number, where: string): void {
  if (count <= mostColumns) return;
  throw new FileFormatError({ where, expected: `at most ${mostColumns} columns`, received: String(count) });
}
