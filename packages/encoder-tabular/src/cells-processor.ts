import {
  describeValue,
  FileFormatError,
  type HostTensor1D,
  type HostTensor2D,
  hostTensor,
  type LearningProcessor,
  NotFittedError,
  PolymodalError,
  padAndStack,
  SampleError,
} from '@polymodal/core';
import { z } from 'zod';
import type { Column, Field } from './columns/column';

const learnedFile = 'columns.json';

/** The numbers that a row's cells become, and 0 in the mask where one takes no part: (F). */
export type CellsRow = { readonly cells: HostTensor1D; readonly cellsMask: HostTensor1D };

/** Those of P rows: (P, F), those of numbers before those of categories. */
export type CellsFeatures = { readonly cells: HostTensor2D; readonly cellsMask: HostTensor2D };

/** The cells of a row by column; empty ones are undefined. */
export type Cells = Readonly<Record<string, unknown>>;

/** Where a field of a column stands among all. */
interface Placed {
  readonly column: string;
  readonly index: number;
  readonly field: Field;
}

/**
 * Reads cells of columns, and learns of the training data how: scales, and which categories there are. A cell that is empty takes
 * no part; nor does one whose column was empty in all of the training data.
 *
 * @typeParam Raw what has the cells
 */
export abstract class CellsProcessor<Raw> implements LearningProcessor<Raw, CellsRow, CellsFeatures> {
  readonly masks = { cellsMask: ['cells'] };
  /** What the elements of the features are: numbers, then categories. */
  readonly fields: readonly Field[];
  readonly #columns: ReadonlyMap<string, Column>;
  readonly #placed: readonly Placed[];
  #learned: ReadonlyMap<string, unknown> | undefined;

  constructor(columns: ReadonlyMap<string, Column>) {
    this.#columns = columns;
    const all = [...columns].flatMap(([column, { fields }]) =>
      fields.map((field, index) => ({ column, index, field })),
    );
    const of = (kind: Field['kind']) => all.filter(({ field }) => field.kind === kind);
    this.#placed = [...of('number'), ...of('category')];
    this.fields = this.#placed.map(({ field }) => field);
  }

  /** The cells of a raw value. @throws SampleError for what has none */
  protected abstract cellsOf(raw: Raw): Cells;

  /** How errors call a column; nothing where there is only one. */
  protected abstract name(column: string): string | undefined;

  get fitted(): boolean {
    return this.#learned !== undefined;
  }

  async fit(values: AsyncIterable<Raw>): Promise<void> {
    const learning = [...this.#columns].map(([name, column]) => [name, column.learn()] as const);
    for await (const raw of values) {
      const read = this.#read(raw);
      for (const [name, own] of learning) {
        if (read.has(name)) this.#said(name, () => own.add(read.get(name)));
      }
    }
    this.#learned = new Map(learning.map(([name, own]) => [name, own.end()]));
  }

  restore(savedFile: (name: string) => Uint8Array | undefined): void {
    const file = savedFile(learnedFile);
    this.#learned = file && parseLearned(file, this.#columns);
  }

  process(raw: Raw): CellsRow {
    const learned = this.#requireLearned();
    const read = this.#read(raw);
    if (read.size === 0) throw new SampleError({ expected: 'at least one cell with a value', received: 'none' });
    const numbers = new Map(
      [...read].map(([name, value]) => {
        const own = learned.get(name);
        const column = this.#columns.get(name)!;
        return [name, own === undefined ? undefined : this.#said(name, () => column.values(value, own))] as const;
      }),
    );
    const size = this.#placed.length;
    const cells = Float32Array.from(this.#placed, ({ column, index }) => numbers.get(column)?.[index] ?? 0);
    const mask = Uint8Array.from(this.#placed, ({ column }) => Number(numbers.get(column) !== undefined));
    return { cells: hostTensor(cells, [size]), cellsMask: hostTensor(mask, [size], 'float32') };
  }

  collate(rows: readonly CellsRow[]): CellsFeatures {
    return {
      cells: padAndStack(rows.map(({ cells }) => cells)),
      cellsMask: padAndStack(rows.map(({ cellsMask }) => cellsMask)),
    };
  }

  shape() {
    return {};
  }

  files(): Record<string, Uint8Array> {
    if (!this.#learned) return {};
    return { [learnedFile]: new TextEncoder().encode(JSON.stringify(Object.fromEntries(this.#learned))) };
  }

  unfamiliar(raw: Raw): string[] {
    const learned = this.#requireLearned();
    return [...this.#read(raw)].flatMap(([name, value]) => {
      const own = learned.get(name);
      if (own === undefined || !this.#columns.get(name)!.isUnfamiliar?.(value, own)) return [];
      return [[this.name(name), describeValue(value)].filter(Boolean).join(': ')];
    });
  }

  /** Which number of `cells` stands for what. A column that was empty in all of the training data takes no part. */
  describe(): Record<string, unknown> {
    const learned = this.#requireLearned();
    const fields = this.#placed.map(({ column, index }) => {
      const own = learned.get(column);
      const said = own === undefined ? { unused: true } : this.#columns.get(column)!.describe(own)[index];
      return { ...(this.name(column) !== undefined && { column }), ...said };
    });
    return { cells: fields };
  }

  /** What the cells say that are not empty. */
  #read(raw: Raw): Map<string, unknown> {
    const cells = this.cellsOf(raw);
    const read = new Map<string, unknown>();
    for (const [name, column] of this.#columns) {
      const cell = Object.hasOwn(cells, name) ? cells[name] : undefined;
      if (cell !== undefined)
        read.set(
          name,
          this.#said(name, () => column.read(cell)),
        );
    }
    return read;
  }

  /** Runs what may fail of a cell, and says of which. */
  #said<T>(column: string, ask: () => T): T {
    try {
      return ask();
    } catch (error) {
      const name = this.name(column);
      if (!PolymodalError.isInstance(error) || name === undefined) throw error;
      const { expected, received, hint } = error;
      throw new SampleError({ expected: `${expected}, in ${name}`, received, ...(hint !== undefined && { hint }) });
    }
  }

  #requireLearned(): ReadonlyMap<string, unknown> {
    if (this.#learned) return this.#learned;
    throw new NotFittedError({
      expected: 'a processor that knows the training data: how its numbers lie, and which categories there are',
      received: 'one that has not learned',
      hint: 'Train the model, or load one that was trained.',
    });
  }
}

/** A cell without what stands for an empty one. */
export function cellOrNothing(cell: unknown, missing: readonly string[]): unknown {
  if (cell === null || (typeof cell === 'string' && missing.includes(cell.trim()))) return undefined;
  return cell;
}

/** Cells that stand for empty ones, to spread into the schema of a processor. */
export const missingOptions = {
  /** Strings that stand for an empty cell; nothing at all by default. */
  missing: z.array(z.string()).readonly().default(['']),
};

function parseLearned(file: Uint8Array, columns: ReadonlyMap<string, Column>): ReadonlyMap<string, unknown> {
  const schema = z.strictObject(
    Object.fromEntries([...columns].map(([name, { learned }]) => [name, learned.optional()])),
  );
  try {
    const learned = schema.parse(JSON.parse(new TextDecoder().decode(file)));
    return new Map([...columns.keys()].map((name) => [name, learned[name]]));
  } catch (cause) {
    const expected = `what was learned of ${[...columns.keys()].join(', ')}`;
    throw new FileFormatError({ where: learnedFile, expected, received: describeValue(cause), cause });
  }
}
