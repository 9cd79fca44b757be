import type { z } from 'zod';

/** One number that a cell becomes: a real one, or the index of one of `size` categories. */
export type Field = { readonly kind: 'number' } | { readonly kind: 'category'; readonly size: number };

/** How a number follows from a cell: scaled, or the code of what the cell says. */
export type FieldDescription =
  | { readonly number: string; readonly scale: Readonly<Record<string, unknown>> }
  | { readonly category: string; readonly codes: Readonly<Record<string, number>>; readonly otherwise?: 0 | null };

/** What cells of training teach a column, one after the other. */
export interface ColumnLearning<Value, Learned> {
  add(value: Value): void;
  /** What was learned; `undefined` where no cell had a value. */
  end(): Learned | undefined;
}

/**
 * A kind of cells: how one is read, what training teaches of them, and which numbers they become.
 *
 * @typeParam Value   what a cell says
 * @typeParam Learned what is kept of the training data, as JSON
 */
export interface Column<Value = unknown, Learned = unknown> {
  /** What a cell becomes. */
  readonly fields: readonly Field[];
  /** Of {@link ColumnLearning.end}, to read it from a file. */
  readonly learned: z.ZodType<Learned>;

  /**
   * What a cell says.
   *
   * @throws SampleError for one that cannot be read
   */
  read(cell: unknown): Value;

  learn(): ColumnLearning<Value, Learned>;

  /** A number for each field; `undefined` where the cell says nothing that training has taught anything of. */
  values(value: Value, learned: Learned): readonly number[] | undefined;

  /** How the number of each field follows from a cell, as JSON, for programs that have no more than an exported model. */
  describe(learned: Learned): readonly FieldDescription[];

  /** Whether a cell says something that training did not tell apart. Left out where there is no such thing. */
  isUnfamiliar?(value: Value, learned: Learned): boolean;
}
