import type { RandomKey } from '@polymodal/core';

/** A row of a table of three columns, with other means and deviations each; about a third of the cells is empty. */
export function randomRow(key: RandomKey): (number | null)[] {
  return [1, 10, 100].map((scale, column) => {
    const own = key.fold(column);
    return own.integer(0, 3) === 0 ? null : scale * (1 + own.normal(1)[0]);
  });
}
