import { FileFormatError } from '@polymodal/core';

/** As many as a training takes. */
const mostRows = 2 ** 24;

/** Which part of a table a row is in: a block of text, a shard, a group of rows. */
export interface RowIndex {
  readonly length: number;
  /** One more part. @throws FileFormatError for more rows than a data set may have */
  add(rows: number, name: string): void;
  locate(row: number): { readonly part: number; readonly place: number };
  /** The first row of a part. */
  start(part: number): number;
}

export function rowIndex(): RowIndex {
  const ends: number[] = [];
  return {
    get length() {
      return ends.at(-1) ?? 0;
    },
    add(rows, name) {
      const end = (ends.at(-1) ?? 0) + rows;
      if (end > mostRows) {
        throw new FileFormatError({
          where: name,
          expected: `at most ${mostRows} rows in a data set`,
          received: `${end}`,
          hint: 'Give a part of them, another one for each training.',
        });
      }
      ends.push(end);
    },
    start: (part) => (part === 0 ? 0 : ends[part - 1]),
    locate(row) {
      let low = 0;
      let high = ends.length - 1;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (ends[middle] > row) high = middle;
        else low = middle + 1;
      }
      return { part: low, place: row - (low === 0 ? 0 : ends[low - 1]) };
    },
  };
}
