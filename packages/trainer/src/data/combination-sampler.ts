import type { RandomKey } from '@polymodal/core';
import { drawWeighted } from './draw-weighted';
import { LengthLevels } from './length-levels';
import { type BatchLengths, kindOf, modalitiesOf, type SampleShape } from './sample-shape';

/** A batch to be made: which samples, and which of their modalities. */
export interface PlannedBatch {
  readonly indices: readonly number[];
  readonly modalities: readonly string[];
}

/** How a {@link CombinationSampler} draws. */
export interface CombinationSamplerOptions {
  readonly batchSize: number;
  readonly key: RandomKey;
  /** How many epochs there will be: the more, the more length levels are worth a program of their own. */
  readonly epochs: number;
  /** Samples of one group follow one another, as far as combinations and length levels allow; by default each is a group. */
  readonly group?: (index: number) => string;
  /** How often each sample comes, relative to the others; by default each once. An epoch has as many samples as there are, to within rounding. */
  readonly weights?: readonly number[];
  /** What a sample keeps of its modalities in an epoch; by default everything. */
  readonly keep?: (present: readonly string[], epoch: number, index: number) => readonly string[];
}

/**
 * Seeded batches of one combination of modalities each, so that no row of a batch carries padding for a modality that
 * it lacks, and of few different shapes, so that a compiling backend compiles few programs.
 *
 * In every epoch each sample occurs exactly once, or as often as its weight says. Samples that have the same modalities, and agree in all that cannot be padded,
 * are sorted by the combination that modality dropout leaves of them and then by length level, equals in random order, those of a group
 * one after the other, and cut into batches of `batchSize`; only the last batch of each such set is smaller, and always by as much. A batch that spans the
 * border of two combinations takes that of a row drawn at random from it, so each combination keeps its expected share.
 * Batches follow one another in random order.
 *
 * Every batch is padded to the {@link lengths} of a level, so that there are no more shapes than levels, times the sizes of
 * batches.
 */
export class CombinationSampler {
  readonly #sets: readonly SampleSet[];
  readonly #levels = new Map<string, LengthLevels>();
  /** How many samples of each kind there are in the first epoch, as modality dropout leaves them. */
  readonly #counts = new Map<string, number>();

  readonly #shapes: readonly SampleShape[];
  readonly #options: CombinationSamplerOptions;

  constructor(shapes: readonly SampleShape[], options: CombinationSamplerOptions) {
    this.#shapes = shapes;
    this.#options = options;
    const sets = new Map<string, { kind: string; modalities: string[]; groups: Map<string, number[]> }>();
    shapes.forEach((shape, index) => {
      const modalities = modalitiesOf(shape);
      const kind = kindOf(shape, modalities);
      const set = sets.get(kind) ?? { kind, modalities, groups: new Map<string, number[]>() };
      sets.set(kind, set);
      const name = options.group?.(index) ?? String(index);
      const group = set.groups.get(name) ?? [];
      group.push(index);
      set.groups.set(name, group);
      const kept = kindOf(shape, this.#kept(modalities, 0, index));
      this.#counts.set(kept, (this.#counts.get(kept) ?? 0) + 1);
    });
    this.#sets = [...sets.values()].map(({ groups, ...set }) => ({ ...set, groups: [...groups.values()] }));
  }

  /** The same in every epoch. */
  get batchesPerEpoch(): number {
    return this.#sets.reduce((sum, set) => sum + Math.ceil(this.#sizeOf(set) / this.#options.batchSize), 0);
  }

  /** The batches of an epoch, in their order. They follow from the key and the number of the epoch alone. */
  epoch(epoch: number): PlannedBatch[] {
    const key = this.#options.key.fold(epoch);
    const batches = this.#sets.flatMap((set) => this.#cut(set, epoch, key.fold(set.kind)));
    return [...key.fold('order').shuffle(batches.length)].map((position) => batches[position]);
  }

  /** What a batch of samples of these shapes is padded to: the lengths of the cheapest level that holds them. */
  lengths(shapes: readonly SampleShape[]): BatchLengths {
    return this.#levelsOf(shapes[0], modalitiesOf(shapes[0])).lengthsFor(shapes);
  }

  #cut(set: SampleSet, epoch: number, key: RandomKey): PlannedBatch[] {
    const rows = this.#sort(set, epoch, key);
    const { batchSize } = this.#options;
    return Array.from({ length: Math.ceil(rows.length / batchSize) }, (_, i) => {
      const part = rows.slice(i * batchSize, (i + 1) * batchSize);
      const leader = part[key.fold('leader').fold(i).integer(0, part.length)];
      return { indices: part.map(({ index }) => index), modalities: leader.kept };
    });
  }

  /** The samples of a set by combination (in random order), then by length, then at random. */
  #sort({ modalities, groups: samples }: SampleSet, epoch: number, key: RandomKey): Row[] {
    const groups = new Map<string, Row[]>();
    const order = this.#drawn(
      [...key.shuffle(samples.length)].flatMap((position) => samples[position]),
      key,
    );
    for (const index of order) {
      const kept = this.#kept(modalities, epoch, index);
      const shape = this.#shapes[index];
      const group = groups.get(kept.join()) ?? [];
      group.push({ index, kept, level: this.#levelsOf(shape, kept).levelOf(shape) });
      groups.set(kept.join(), group);
    }
    const names = [...groups.keys()].sort();
    return [...key.fold('combinations').shuffle(names.length)].flatMap((position) =>
      groups.get(names[position])!.sort((a, b) => a.level - b.level),
    );
  }

  /** The samples of a set, each as often as its weight says. */
  #drawn(order: readonly number[], key: RandomKey): readonly number[] {
    const { weights } = this.#options;
    if (!weights) return order;
    const own = order.map((index) => weights[index]);
    return drawWeighted(order, own, sizeOf(own), key.fold('draw').uniform(1)[0]);
  }

  /** How many samples an epoch has of a set. */
  #sizeOf({ groups }: SampleSet): number {
    const indices = groups.flat();
    const { weights } = this.#options;
    return weights ? sizeOf(indices.map((index) => weights[index])) : indices.length;
  }

  #kept(modalities: readonly string[], epoch: number, index: number): readonly string[] {
    return this.#options.keep?.(modalities, epoch, index) ?? modalities;
  }

  #levelsOf(shape: SampleShape, modalities: readonly string[]): LengthLevels {
    const kind = kindOf(shape, modalities);
    let levels = this.#levels.get(kind);
    if (!levels) {
      const alike = this.#shapes.filter(
        (other) => modalities.every((modality) => modality in other) && kindOf(other, modalities) === kind,
      );
      const share = (this.#counts.get(kind) ?? 0) / alike.length;
      const { batchSize, epochs } = this.#options;
      levels = new LengthLevels(alike, modalities, { batchSize, passes: epochs * share });
      this.#levels.set(kind, levels);
    }
    return levels;
  }
}

/** Weights are 1 on average; every set has a sample at least. */
function sizeOf(weights: readonly number[]): number {
  return Math.max(1, Math.round(weights.reduce((sum, weight) => sum + weight, 0)));
}

/** All samples that can share a batch with all of their modalities. */
interface SampleSet {
  readonly kind: string;
  readonly modalities: readonly string[];
  /** Indices of samples. */
  readonly groups: readonly (readonly number[])[];
}

interface Row {
  readonly index: number;
  readonly kept: readonly string[];
  readonly level: number;
}
