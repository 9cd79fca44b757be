import type { PolymodalError } from '@polymodal/core';
import type { RowBlocks } from './row-blocks';

/** The cells of a row, by the order of the table's columns. One that is `undefined` is not there. */
export type Cells = readonly unknown[];

/** What stands at the place of a row: its cells, or why it has none. */
export type RowOrFault = Cells | PolymodalError;

/** Rows that lie in files and are read when they are asked for, whatever the format of the files. */
export interface Table {
  /** What error messages call it: a path. */
  readonly name: string;
  /** Their names, each once. */
  readonly columns: readonly string[];
  /** How many rows there are, those with a fault too. */
  readonly length: number;
  /** What is not wrong, and yet to be known: files of a folder that are passed over, say. */
  readonly remarks: readonly string[];
  /** Of columns of integers that stand for classes, and of boxes: the names of these, where the file says them. */
  readonly classes?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Where rows are read together. Others cost the same in any order. */
  readonly blocks?: RowBlocks | undefined;
  /**
   * The row at an index.
   *
   * @param unread places of columns whose files need not be read where they lie within the table's own: `unreadBytes` say that they are
   *   there. What is no file is read all the same
   * @throws StorageError
   */
  read(index: number, unread?: ReadonlySet<number>): Promise<RowOrFault>;
  /** The folder from which relative paths in a row's cells start. */
  folder(index: number): string;
  /** What a row is known by, where the format has such: the key in a shard of WebDataset, the file in a folder. */
  id?(index: number): string | undefined;
  /** The place of a row, for error messages: `products.csv, line 18`. */
  where(index: number): string;
}

/** What stands for the content of a file that is there and was not read: one byte. */
export const unreadBytes: Uint8Array = Uint8Array.of(0);

export function isFault(row: RowOrFault): row is PolymodalError {
  return !Array.isArray(row);
}
