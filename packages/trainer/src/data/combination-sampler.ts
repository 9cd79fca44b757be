import type { RandomKey } from '@polymodal/core';
import type { SampleShape } from './feature-store';
import { lengthLevels } from './length-levels';

/** A batch to be made: which samples, and which of their modalities. */
export interface PlannedBatch {
  readonly indices: readonly number[];
  readonly modalities: readonly string[];
}

/** How a {@link CombinationSampler} draws. */
export interface CombinationSamplerOptions {
  readonly batchSize: number;
  readonly key: RandomKey;
  /** What a sample keeps of its modalities in an epoch; by default everything. */
  readonly keep?: (present: readonly string[], epoch: number, index: number) => readonly string[];
  /** Most length levels for each combination of modalities. Default 4. */
  readonly maxLevels?: number;
}

/**
 * Seeded batches of one combination of modalities each, so that no row of a batch carries padding for a modality that
 * it lacks, and of few different shapes, so that a compiling backend compiles few programs.
 *
 * In every epoch each sample occurs exactly once. Samples that have the same modalities are sorted by the combination
 * that modality dropout leaves of them and then by length, equals in random order, and cut into batches of
 * `batchSize`; only the last batch of each such set is smaller, and always by as much. A batch that spans the border
 * of two combinations takes that of a row drawn at random from it, so each combination keeps its expected share.
 * Batches follow one another in random order.
 */
export class CombinationSampler {
  readonly #sets: readonly SampleSet[];
  readonly #levels = new Map<string, (shape: SampleShape) => number>();

  constructor(
    private readonly shapes: readonly SampleShape[],
    private readonly options: CombinationSamplerOptions,
  ) {
    const sets = new Map<string, { modalities: string[]; indices: number[] }>();
    shapes.forEach((shape, index) => {
      const modalities = Object.keys(shape);
      const set = sets.get(nameOf(modalities)) ?? { modalities, indices: [] };
      set.indices.push(index);
      sets.set(nameOf(modalities), set);
    });
    this.#sets = [...sets.values()];
  }

  /** The same in every epoch. */
  get batchesPerEpoch(): number {
    return this.#sets.reduce((sum, { indices }) => sum + Math.ceil(indices.length / this.options.batchSize), 0);
  }

  /** The batches of an epoch, in their order. They follow from the key and the number of the epoch alone. */
  epoch(epoch: number): PlannedBatch[] {
    const key = this.options.key.fold(epoch);
    const batches = this.#sets.flatMap((set) => this.#cut(set, epoch, key.fold(nameOf(set.modalities))));
    return [...key.fold('order').shuffle(batches.length)].map((position) => batches[position]);
  }

  #cut(set: SampleSet, epoch: number, key: RandomKey): PlannedBatch[] {
    const rows = this.#sort(set, epoch, key);
    const { batchSize } = this.options;
    return Array.from({ length: Math.ceil(rows.length / batchSize) }, (_, i) => {
      const part = rows.slice(i * batchSize, (i + 1) * batchSize);
      const leader = part[key.fold('leader').fold(i).integer(0, part.length)];
      return { indices: part.map(({ index }) => index), modalities: leader.kept };
    });
  }

  /** The samples of a set by combination (in random order), then by length, then at random. */
  #sort({ modalities, indices }: SampleSet, epoch: number, key: RandomKey): Row[] {
    const groups = new Map<string, Row[]>();
    for (const position of key.shuffle(indices.length)) {
      const index = indices[position];
      const kept = this.options.keep?.(modalities, epoch, index) ?? modalities;
      const group = groups.get(nameOf(kept)) ?? [];
      group.push({ index, kept, level: this.#level(kept, index) });
      groups.set(nameOf(kept), group);
    }
    const names = [...groups.keys()].sort();
    return [...key.fold('combinations').shuffle(names.length)].flatMap((position) =>
      groups.get(names[position])!.sort((a, b) => a.level - b.level),
    );
  }

  #level(kept: readonly string[], index: number): number {
    const name = nameOf(kept);
    let level = this.#levels.get(name);
    if (!level) {
      const eligible = this.shapes.filter((shape) => kept.every((modality) => modality in shape));
      level = lengthLevels(eligible, kept, this.options.maxLevels ?? 4);
      this.#levels.set(name, level);
    }
    return level(this.shapes[index]);
  }
}

/** All samples that have the same modalities. */
interface SampleSet {
  readonly modalities: readonly string[];
  readonly indices: readonly number[];
}

interface Row {
  readonly index: number;
  readonly kept: readonly string[];
  readonly level: number;
}

function nameOf(modalities: readonly string[]): string {
  return modalities.join('+');
}
