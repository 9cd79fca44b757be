import { bucketLength, ConfigError, type RandomKey } from '@polymodal/core';
import type { BatchSampler, PlannedBatch } from './batch-sampler';
import type { Packing } from './packing';
import type { RowSizes } from './row-sizes';
import { type BatchLengths, isTarget, modalitiesOf, ownLengths, type SampleShape } from './sample-shape';

/** How a {@link PackedSampler} fills rows. */
export interface PackedSamplerOptions {
  /** Rows of a batch. */
  readonly batchSize: number;
  readonly packing: Exclude<Packing, false>;
  /** The slot in whose sequence samples stand one behind the other. */
  readonly host: string;
  /** How many values a row may have, of slots that take several. */
  readonly mostValues: Readonly<Record<string, number>>;
  readonly key: RandomKey;
  /** How errors call the option. */
  readonly where: string;
}

/** Rows that are looked at for room, of those that have some: enough to fill them, and few enough for very many samples. */
const openRows = 128;

/** Sequences are padded to a multiple of this. */
const step = 16;

/**
 * Seeded batches of rows that several samples share, so that hardly anything is padded, and all batches have one shape: the largest samples
 * first, each is put into the row that it fills most (best fit, decreasing). A row has no more values of a slot, pictures say, than its share, since these
 * are padded too, nor than the slot takes.
 *
 * Which sizes share a row is decided once, so that every epoch has as many rows; which samples of these sizes do, in every epoch anew.
 */
export class PackedSampler implements BatchSampler {
  readonly batchesPerEpoch: number;
  readonly #rows: readonly (readonly string[])[];
  /** Samples of one size each, by what tells sizes apart. */
  readonly #alike = new Map<string, number[]>();
  readonly #modalities: readonly string[];
  readonly #lengths: BatchLengths;
  readonly #options: PackedSamplerOptions;

  /** @throws ConfigError for a sample that no row can hold */
  constructor(shapes: readonly SampleShape[], sizes: readonly RowSizes[], options: PackedSamplerOptions) {
    this.#options = options;
    this.#modalities = [...new Set(shapes.flatMap(modalitiesOf))];
    sizes.forEach((own, index) => {
      const alike = this.#alike.get(sizeKey(own)) ?? [];
      this.#alike.set(sizeKey(own), alike);
      alike.push(index);
    });
    const room = roomOf(sizes, options);
    const rows = filledRows(sizes, room, options.host);
    this.#rows = rows.map((row) => row.map((index) => sizeKey(sizes[index])));
    this.#lengths = lengthsOf(
      rows.map((row) => row.map((index) => sizes[index])),
      room,
      shapes,
      options.host,
    );
    this.batchesPerEpoch = Math.ceil(rows.length / options.batchSize);
  }

  epoch(epoch: number): PlannedBatch[] {
    const key = this.#options.key.fold(epoch);
    const drawn = new Map(
      [...this.#alike].map(([name, indices]) => {
        const order = [...key.fold(name).shuffle(indices.length)].map((place) => indices[place]);
        return [name, order.values()];
      }),
    );
    const rows = this.#rows.map((row) => row.map((name) => drawn.get(name)!.next().value!));
    const shuffled = [...key.fold('order').shuffle(rows.length)].map((place) => rows[place]);
    const { batchSize } = this.#options;
    return Array.from({ length: this.batchesPerEpoch }, (_, batch) => {
      const own = shuffled.slice(batch * batchSize, (batch + 1) * batchSize);
      return { indices: own.flat(), modalities: this.#modalities, rowSizes: own.map(({ length }) => length) };
    });
  }

  lengths(_: PlannedBatch, shapes: readonly SampleShape[]): BatchLengths {
    return shapes.map(ownLengths).reduce(longer, this.#lengths); // augmentation may have made a row longer than was planned
  }
}

function sizeKey(sizes: RowSizes): string {
  return JSON.stringify(Object.entries(sizes).sort());
}

/** What a row has room for, by slot. */
function roomOf(sizes: readonly RowSizes[], { packing, host, mostValues, where }: PackedSamplerOptions): RowSizes {
  const longest = largest(sizes.map((own) => own[host]));
  const tokens = packing === true ? longest : packing.tokens;
  if (tokens < longest) {
    const sample = sizes.findIndex((own) => own[host] === longest);
    throw new ConfigError({
      where: `${where}.tokens`,
      expected: `at least ${longest}, so many as sample ${sample} has of "${host}"`,
      received: String(tokens),
    });
  }
  const total = sum(sizes.map((own) => own[host]));
  const slots = [...new Set(sizes.flatMap((own) => Object.keys(own)))].filter(
    (part) => part !== host && !isTarget(part),
  );
  const shares = slots.map((slot) => {
    const own = sizes.map((size) => size[slot] ?? 0);
    const share = Math.ceil((sum(own) * tokens) / total);
    return [slot, Math.max(largest(own), Math.min(share, mostValues[slot] ?? share))];
  });
  return { ...Object.fromEntries(shares), [host]: tokens };
}

/** Which samples share a row: those that take the largest shares of one come first, each into the row that it leaves least of. */
function filledRows(sizes: readonly RowSizes[], room: RowSizes, host: string): number[][] {
  const shareOf = (taken: RowSizes) =>
    sum(Object.keys(room).map((part) => (taken[part] ?? 0) / Math.max(1, room[part])));
  const rows: number[][] = [];
  let open: OpenRow[] = [];
  const smallest = sizes.reduce((least, own) => Math.min(least, own[host]), Number.POSITIVE_INFINITY);
  for (const index of [...sizes.keys()].sort((a, b) => shareOf(sizes[b]) - shareOf(sizes[a]))) {
    const needed = Object.entries(sizes[index]).filter(([part]) => part in room);
    const fitting = open.filter(({ left }) => needed.every(([part, size]) => size <= left[part]));
    let chosen = fitting.toSorted((a, b) => shareOf(a.left) - shareOf(b.left))[0];
    if (!chosen) {
      chosen = { row: [], left: { ...room } };
      rows.push(chosen.row);
      open.push(chosen);
    }
    chosen.row.push(index);
    for (const [part, size] of needed) chosen.left[part] -= size;
    open = open.filter(({ left }) => left[host] >= smallest).slice(-openRows);
  }
  return rows;
}

/** A row that is not full, with the room that it has left. */
interface OpenRow {
  readonly row: number[];
  readonly left: Record<string, number>;
}

/** What all batches are padded to. */
function lengthsOf(
  rows: readonly (readonly RowSizes[])[],
  room: RowSizes,
  shapes: readonly SampleShape[],
  host: string,
): BatchLengths {
  const common = shapes.map(ownLengths).reduce(longer);
  const inRows = (part: string) => largest(rows.map((row) => sum(row.map((own) => own[part] ?? 0))));
  return Object.fromEntries(
    Object.entries(common).map(([part, own]) => {
      const [first] = Object.keys(own);
      if (part in room && part !== host) return [part, { ...own, values: inRows(part) }];
      if (first === undefined) return [part, own];
      return [part, { ...own, [first]: bucketLength(part === host ? room[host] : inRows(part), step) }];
    }),
  );
}

function longer(a: BatchLengths, b: BatchLengths): BatchLengths {
  const parts = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return Object.fromEntries(
    parts.map((part) => {
      const names = [...new Set([...Object.keys(a[part] ?? {}), ...Object.keys(b[part] ?? {})])];
      return [
        part,
        Object.fromEntries(names.map((name) => [name, Math.max(a[part]?.[name] ?? 0, b[part]?.[name] ?? 0)])),
      ];
    }),
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function largest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}
