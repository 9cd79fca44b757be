import {
  defineProcessor,
  describeValue,
  FileFormatError,
  type HostTensor1D,
  type HostTensor2D,
  hostTensor,
  type LearningProcessor,
  NotFittedError,
  padAndStack,
  SampleError,
} from '@polymodal/core';
import { z } from 'zod';

/** A row of a table: a number in each column, or null where the cell is empty. */
export type TableRow = readonly (number | null)[];

const statisticsFile = 'statistics.json';
const statistics = z.strictObject({ mean: z.array(z.number()), deviation: z.array(z.number().positive()) });
type Statistics = z.output<typeof statistics>;

type TableRowFeatures = { readonly cells: HostTensor1D; readonly cellsMask: HostTensor1D };

/** The cells of P rows, and 0 where a cell is empty: (P, C). */
export type TableFeatures = { readonly cells: HostTensor2D; readonly cellsMask: HostTensor2D };

/** Reads a row of a table, each column with mean 0 and variance 1 over the training data, of which it learns them. */
class TableProcessor implements LearningProcessor<TableRow, TableRowFeatures, TableFeatures> {
  readonly masks = { cellsMask: ['cells'] };
  #statistics: Statistics | undefined;

  constructor(readonly columns: number) {}

  get fitted(): boolean {
    return this.#statistics !== undefined;
  }

  async fit(values: AsyncIterable<TableRow>): Promise<void> {
    const columns = Array.from({ length: this.columns }, () => new Moments());
    for await (const row of values) {
      this.#require(row);
      row.forEach((cell, column) => {
        if (cell !== null) columns[column].add(cell);
      });
    }
    this.#statistics = {
      mean: columns.map(({ mean }) => mean),
      deviation: columns.map(({ deviation }) => deviation),
    };
  }

  restore(savedFile: (name: string) => Uint8Array | undefined): void {
    const file = savedFile(statisticsFile);
    this.#statistics = file && parseStatistics(file, this.columns);
  }

  process(raw: TableRow): TableRowFeatures {
    if (!this.#statistics) {
      throw new NotFittedError({
        expected: 'a processor that knows mean and deviation of its columns',
        received: 'one that has not learned them',
        hint: 'Train the model, or load one that was trained.',
      });
    }
    this.#require(raw);
    const { mean, deviation } = this.#statistics;
    const cells = Float32Array.from(raw, (cell, column) =>
      cell === null ? 0 : (cell - mean[column]) / deviation[column],
    );
    const known = Uint8Array.from(raw, (cell) => Number(cell !== null));
    return {
      cells: hostTensor(cells, [this.columns]),
      cellsMask: hostTensor(known, [this.columns], 'float32'),
    };
  }

  collate(rows: readonly TableRowFeatures[]): TableFeatures {
    return {
      cells: padAndStack(rows.map(({ cells }) => cells)),
      cellsMask: padAndStack(rows.map(({ cellsMask }) => cellsMask)),
    };
  }

  shape() {
    return {};
  }

  files(): Record<string, Uint8Array> {
    if (!this.#statistics) return {};
    return { [statisticsFile]: new TextEncoder().encode(JSON.stringify(this.#statistics)) };
  }

  #require(row: TableRow): void {
    const isCell = (cell: unknown) => cell === null || Number.isFinite(cell);
    if (Array.isArray(row) && row.length === this.columns && row.every(isCell)) return;
    const expected = `an array of ${this.columns} cells, each a finite number or null`;
    throw new SampleError({ expected, received: describeValue(row) });
  }
}

/** Mean and deviation of numbers that come one after the other (Welford 1962). */
class Moments {
  mean = 0;
  #count = 0;
  #squares = 0;

  add(value: number): void {
    this.#count++;
    const before = value - this.mean;
    this.mean += before / this.#count;
    this.#squares += before * (value - this.mean);
  }

  /** Of the population; 1 where nothing varies. */
  get deviation(): number {
    return Math.sqrt(this.#squares / this.#count) || 1;
  }
}

function parseStatistics(file: Uint8Array, columns: number): Statistics {
  const fail = (received: string, cause?: unknown) =>
    new FileFormatError({ where: statisticsFile, expected: `statistics of ${columns} columns`, received, cause });
  let parsed: Statistics;
  try {
    parsed = statistics.parse(JSON.parse(new TextDecoder().decode(file)));
  } catch (cause) {
    throw fail('something else', cause);
  }
  if (parsed.mean.length !== columns || parsed.deviation.length !== columns) throw fail(`${parsed.mean.length}`);
  return parsed;
}

/** Learns from training data. */
export const tableProcessor = defineProcessor({
  config: z.object({ columns: z.int().positive().default(3) }),
  create: ({ columns }, { savedFile }) => {
    const processor = new TableProcessor(columns);
    processor.restore(savedFile);
    return processor;
  },
});
