import { createHash } from 'node:crypto';
import { describeValue, type PolymodalError, requireArgument, type Sample, SampleError } from '@polymodal/core';
import { type SampleBlocks, sampleBlocks } from '../table/row-blocks';
import { type Cells, isFault, type Table } from '../table/table';
import { isMissing } from '../values/missing-cells';
import { type BindRowOptions, bindRow } from './bind-row';
import { fetchFiles } from './fetch-files';
import type { ManifestOptions } from './manifest-options';
import { placeOf, type ResolvedBindings } from './resolve-bindings';

/** What a {@link Manifest} is made of. */
export interface ManifestParts {
  readonly table: Table;
  readonly bindings: ResolvedBindings;
  readonly binding: BindRowOptions;
  readonly fetch: ManifestOptions['fetch'];
  /** The column that names samples. */
  readonly id: string | undefined;
  /** The rows of the samples. */
  readonly rows: Uint32Array;
  readonly faults: RowFaults;
}

/** Rows that were left out. */
export interface RowFaults {
  readonly count: number;
  /** The first hundred. */
  readonly first: readonly PolymodalError[];
}

/**
 * The rows of a table as samples, which are read when they are asked for: a data set for `train` and `evaluate`, and a stream for
 * `predict`.
 */
export class Manifest implements AsyncIterable<Sample> {
  readonly #parts: ManifestParts;

  /** By `openManifest`. */
  constructor(parts: ManifestParts) {
    this.#parts = parts;
  }

  /** How many samples there are. */
  get length(): number {
    return this.#parts.rows.length;
  }

  get table(): Table {
    return this.#parts.table;
  }

  /** Which columns the samples are made of, and what their cells are taken for. */
  get bindings(): ResolvedBindings {
    return this.#parts.bindings;
  }

  /** The column that names samples, if any does. */
  get idColumn(): string | undefined {
    return this.#parts.id;
  }

  /** Texts that stand for an empty cell. */
  get missing(): ReadonlySet<string> {
    return this.#parts.binding.missing;
  }

  /** Which samples are read together, where it is not all the same in which order they are read. */
  get blocks(): SampleBlocks | undefined {
    const { table, rows } = this.#parts;
    return table.blocks && sampleBlocks(table.blocks, (index) => rows[index]);
  }

  /** The rows that were left out, `onError: 'skip'`. */
  get faults(): RowFaults {
    return this.#parts.faults;
  }

  /**
   * A sample, with its targets. Files are named by their absolute paths, and read by who prepares it.
   *
   * @throws SampleError for a row that cannot be read any more, and whatever `fetch` throws
   */
  async get(index: number): Promise<Sample> {
    return (await this.read(index)).sample;
  }

  /** A sample, and the cells of its row, by the order of `table.columns`: those too that no slot or target is bound to. @throws as {@link get} */
  async read(index: number): Promise<{ readonly sample: Sample; readonly cells: Cells }> {
    const { bindings, binding, fetch } = this.#parts;
    const where = this.where(index);
    const cells = await this.cells(index);
    const row = { cells, folder: this.#parts.table.folder(this.#row(index)), where };
    const sample = await fetchFiles(await bindRow(row, bindings, binding), bindings, fetch, where);
    return { sample, cells };
  }

  /** The cells of a sample's row, by the order of `table.columns`. */
  async cells(index: number): Promise<Cells> {
    const row = await this.#parts.table.read(this.#row(index));
    if (isFault(row)) throw row;
    return row;
  }

  /** The place of a sample, for error messages: `products.csv, line 18`. */
  where(index: number): string {
    return this.#parts.table.where(this.#row(index));
  }

  /** What a sample is known by again: the cell of the column that names it, or a checksum of its row. */
  async id(index: number): Promise<string> {
    const { table, id } = this.#parts;
    if (id === undefined) return table.id?.(this.#row(index)) ?? checksumOf(await this.cells(index), table.columns);
    const cell = (await this.cells(index))[placeOf(id, table, 'id')];
    if (typeof cell === 'string' || typeof cell === 'number' || typeof cell === 'bigint') return String(cell);
    throw new SampleError({
      where: `${this.where(index)}, column "${id}"`,
      expected: 'a text or number that names the sample',
      received: describeValue(cell),
    });
  }

  /** Some of the samples, in this order. */
  select(indices: Iterable<number>): Manifest {
    return new Manifest({ ...this.#parts, rows: Uint32Array.from(indices, (index) => this.#row(index)) });
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Sample> {
    for (let index = 0; index < this.length; index++) yield await this.get(index);
  }

  #row(index: number): number {
    const isIndex = Number.isInteger(index) && index >= 0 && index < this.length;
    requireArgument(isIndex, 'Manifest', `an index from 0 to ${this.length - 1}`, index);
    return this.#parts.rows[index];
  }
}

/** 128 bits of SHA-256: rows that are equal have one. */
function checksumOf(cells: Cells, columns: readonly string[]): string {
  const hash = createHash('sha256');
  const named = columns.map((name, place) => [name, cells[place]] as const).filter(([, cell]) => !isMissing(cell));
  for (const own of named.sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(JSON.stringify(own, withChecksums)).update('\n');
  }
  return hash.digest('hex').slice(0, 32);
}

function withChecksums(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  return value instanceof Uint8Array ? createHash('sha256').update(value).digest('hex') : value;
}
