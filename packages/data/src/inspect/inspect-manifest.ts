import { dirname, sep } from 'node:path';
import {
  FileFormatError,
  PolymodalError,
  parseConfig,
  requireArgument,
  type Sample,
  SampleError,
  StorageError,
} from '@polymodal/core';
import { z } from 'zod';
import { Manifest } from '../manifest/manifest';
import { contentHash } from './content-hash';
import { countsOf } from './counts-of';
import { inspectColumns } from './inspect-columns';
import type { InspectedSample, InspectedValue, Inspection, ModalityFigures } from './inspection';
import { lengthSummary } from './length-summary';
import { ContentIndex } from './repeated-content';
import { targetFigures } from './target-figures';
import { textOf } from './text-of';
import type { FileView, Viewer } from './viewer';

/** How a data set is inspected. */
export interface InspectOptions {
  /** What decodes the files of each slot: `{ photo: pictureViewer }`. Without one they are read and not decoded. */
  readonly viewers?: Readonly<Record<string, Viewer>> | undefined;
  /** How many samples are kept to be shown, from all over the data. Default 12. */
  readonly examples?: number | undefined;
  /** Columns that somebody reads besides slots, targets and the id, and who: `{ fold: ['split'] }`. */
  readonly readElsewhere?: Readonly<Record<string, readonly string[]>> | undefined;
  readonly signal?: AbortSignal | undefined;
}

const inspectOptions = z.strictObject({
  viewers: z
    .record(
      z.string(),
      z.custom<Viewer>((own) => typeof (own as Viewer)?.view === 'function', 'a viewer'),
    )
    .default({}),
  examples: z.int().min(0).max(1000).default(12),
  readElsewhere: z.record(z.string(), z.array(z.string()).readonly()).default({}),
  signal: z.custom<AbortSignal>().optional(),
});

/** Samples that are read at a time. */
const atOnce = 16;
/** Faults that are kept to be told. */
const mostTold = 100;

/**
 * Counts what is in a data set: columns, modalities, their combinations, classes, lengths; and finds what is there twice, what leaked from one part into
 * another, and what cannot be read. Every file is read once.
 *
 * ```ts
 * const inspection = await inspectManifest(await split.of(products));
 * console.log(inspectionText(inspection));
 * ```
 *
 * @param data a manifest, or the parts of one
 * @throws ConfigError for options that are none
 */
export async function inspectManifest(
  data: Manifest | Readonly<Record<string, Manifest>>,
  options: InspectOptions = {},
): Promise<Inspection> {
  const parts = data instanceof Manifest ? { all: data } : data;
  const manifests = Object.values(parts);
  const areManifests = manifests.length > 0 && manifests.every((own) => own instanceof Manifest);
  requireArgument(areManifests, 'inspectManifest', 'a manifest, or the parts of one', data);
  const { viewers, examples, readElsewhere, signal } = parseConfig(inspectOptions, options, 'inspectManifest');
  const [first] = manifests;
  const tally = new Tally(first, viewers);
  const total = manifests.reduce((sum, { length }) => sum + length, 0);
  const folder = dirname(first.table.name);
  let seen = 0;
  for (const [part, manifest] of Object.entries(parts)) {
    for (let start = 0; start < manifest.length; start += atOnce) {
      signal?.throwIfAborted();
      const indices = Array.from({ length: Math.min(atOnce, manifest.length - start) }, (_, place) => start + place);
      const samples = await Promise.all(indices.map((index) => readOne(manifest, index)));
      for (const [place, sample] of samples.entries()) {
        const isShown = Math.floor((seen * examples) / total) < Math.floor(((seen + 1) * examples) / total);
        await tally.add(sample, part, placeIn(folder, manifest.where(indices[place])), isShown);
        seen++;
      }
    }
  }
  return {
    name: first.table.name,
    samples: total,
    parts: Object.fromEntries(Object.entries(parts).map(([part, { length }]) => [part, length])),
    columns: await inspectColumns(first, readElsewhere),
    ...tally.figures(),
    badRows: first.faults,
    remarks: first.table.remarks,
  };
}

/** A place by its path from a folder. */
function placeIn(folder: string, where: string): string {
  return where.startsWith(folder + sep) ? where.slice(folder.length + 1) : where;
}

async function readOne(manifest: Manifest, index: number): Promise<Sample | PolymodalError> {
  try {
    return await manifest.get(index);
  } catch (error) {
    if (isOfFile(error)) return error;
    throw error;
  }
}

/** Whether an error says that something in the data cannot be read. */
function isOfFile(error: unknown): error is PolymodalError {
  return [SampleError, FileFormatError, StorageError].some((own) => own.isInstance(error));
}

/** What has been counted so far. */
class Tally {
  readonly #isFile: ReadonlyMap<string, boolean>;
  readonly #present = new Map<string, number>();
  readonly #lengths = new Map<string, Map<string, number[]>>();
  readonly #combinations = new Map<string, number>();
  readonly #targets = new Map<string, unknown[]>();
  readonly #samples = new ContentIndex();
  readonly #contents = new ContentIndex();
  readonly #unreadable: PolymodalError[] = [];
  #unreadableCount = 0;
  readonly #examples: InspectedSample[] = [];
  readonly #viewers: Readonly<Record<string, Viewer>>;

  constructor({ bindings }: Manifest, viewers: Readonly<Record<string, Viewer>>) {
    this.#viewers = viewers;
    this.#isFile = new Map(bindings.slots.map(({ name, columns }) => [name, columns[0].as === 'file']));
    for (const { name } of bindings.slots) this.#present.set(name, 0);
    for (const { name } of bindings.targets) this.#targets.set(name, []);
  }

  async add(sample: Sample | PolymodalError, part: string, where: string, isShown: boolean): Promise<void> {
    if (PolymodalError.isInstance(sample)) {
      this.#fault(sample, where);
      return;
    }
    const slots = [...this.#present.keys()].filter((slot) => sample[slot] !== undefined);
    count(this.#combinations, slots.join('+'));
    for (const [name, value] of Object.entries(sample.targets ?? {})) this.#targets.get(name)!.push(value);
    const hashes: string[] = [];
    const values: Record<string, InspectedValue> = {};
    for (const slot of slots) count(this.#present, slot);
    for (const slot of slots) {
      try {
        const { sha256, isTelling, bytes } = await contentHash(sample[slot], this.#isFile.get(slot)!);
        hashes.push(`${slot} ${sha256}`);
        if (isTelling) this.#contents.add(sha256, slot, part, where);
        const view = await this.#look(slot, sample[slot], bytes);
        if (isShown) values[slot] = view ? { png: await view.preview() } : { text: textOf(sample[slot]) };
      } catch (error) {
        if (!isOfFile(error)) throw error;
        this.#fault(error, `${where}, ${slot}`);
        return;
      }
    }
    this.#samples.add(hashes.join(), undefined, part, where);
    if (isShown) this.#examples.push({ where, targets: sample.targets ?? {}, values });
  }

  /** Measures a value, decoded where there is a viewer for it. */
  async #look(slot: string, value: unknown, bytes: number | undefined): Promise<FileView | undefined> {
    if (typeof value === 'string' && bytes === undefined) this.#measure(slot, 'letters', [...value].length);
    if (bytes !== undefined) this.#measure(slot, 'bytes', bytes);
    const files = Array.isArray(value) ? value : [value];
    if (Array.isArray(value)) this.#measure(slot, 'values', value.length);
    const viewer = this.#viewers[slot];
    if (!viewer || bytes === undefined) return undefined;
    let first: FileView | undefined;
    for (const file of files) {
      const view = await viewer.view(file as string | Uint8Array);
      for (const [unit, length] of Object.entries(view.lengths)) this.#measure(slot, unit, length);
      first ??= view;
    }
    return first;
  }

  #measure(slot: string, unit: string, length: number): void {
    const units = this.#lengths.get(slot) ?? new Map<string, number[]>();
    this.#lengths.set(slot, units);
    const lengths = units.get(unit) ?? [];
    units.set(unit, lengths);
    lengths.push(length);
  }

  #fault(error: PolymodalError, where: string): void {
    this.#unreadableCount++;
    if (this.#unreadable.length < mostTold)
      this.#unreadable.push(error.where?.startsWith(where) ? error : error.at(where));
  }

  figures() {
    return {
      modalities: Object.fromEntries(
        [...this.#present].map(([slot, present]) => [slot, this.#modality(slot, present)]),
      ),
      combinations: countsOf(this.#combinations),
      targets: Object.fromEntries([...this.#targets].map(([name, values]) => [name, targetFigures(values)])),
      duplicates: this.#samples.repeated(false),
      leaks: this.#contents.repeated(true),
      unreadable: { count: this.#unreadableCount, first: this.#unreadable },
      examples: this.#examples,
    };
  }

  #modality(slot: string, present: number): ModalityFigures {
    const units = this.#lengths.get(slot) ?? new Map<string, number[]>();
    return { present, lengths: [...units].map(([unit, lengths]) => lengthSummary(lengths, unit)) };
  }
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
