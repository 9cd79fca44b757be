import type { RandomKey } from '@polymodal/core';
import type { BatchBudget } from './batch-budget';
import type { BatchSampler, PlannedBatch } from './batch-sampler';
import { blockOrder } from './block-order';
import type { SampleBlocks } from './dataset';
import { drawWeighted } from './draw-weighted';
import { LengthLevels, type Programs } from './length-levels';
import { type BatchLengths, kindOf, modalitiesOf, type SampleShape } from './sample-shape';

/** How a {@link CombinationSampler} draws. */
export interface CombinationSamplerOptions {
  /** Rows of a batch, or what bounds them. */
  readonly batchSize: number | BatchBudget;
  readonly key: RandomKey;
  /** How many epochs there will be: the more, the more length levels are worth a program of their own. */
  readonly epochs: number;
  /** What a backend compiles for each shape: by default the whole step. Where it is layers, batches are padded to their own longest samples. */
  readonly programs?: Programs;
  /** Samples of one group follow one another, as far as combinations and length levels allow; by default each is a group. */
  readonly group?: (index: number) => string;
  /** How often each sample comes, 1 on average; by default each once. An epoch has as many samples as there are, to within rounding. */
  readonly weights?: ArrayLike<number>;
  /** A number for each sample: those with one number come as often together as their weights ask, to within a sample for each set. */
  readonly strata?: readonly (number | undefined)[];
  /** Samples of few blocks at a time come before those of others; by default they come in any order. */
  readonly blocks?: SampleBlocks;
  /** Those that come at all; by default each does. */
  readonly among?: ReadonlySet<number>;
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
 * Batches follow one another in random order. Where samples lie in blocks, all this is done with those of some blocks at a time, which are drawn at
 * random; a batch that has samples of the next blocks too comes at the end.
 *
 * Every batch is padded to the {@link lengths} of a level, so that there are no more shapes than levels, times the sizes of
 * batches; or to its own, where that makes little to compile.
 *
 * Within a budget those of one length level are a set of their own, which is cut into as few batches as the budget allows, all of
 * a size (the last perhaps smaller). How many rows that is follows from what samples have before modality dropout, so that every epoch has as many batches.
 */
export class CombinationSampler implements BatchSampler {
  readonly #sets: readonly SampleSet[];
  readonly #levels = new Map<string, LengthLevels>();
  /** How many samples of each kind there are in the first epoch, as modality dropout leaves them. */
  readonly #counts = new Map<string, number>();
  /** Of the samples of a group, which of them is its first. */
  readonly #first = new Map<number, number>();

  readonly #shapes: readonly SampleShape[];
  readonly #options: CombinationSamplerOptions;

  constructor(shapes: readonly SampleShape[], options: CombinationSamplerOptions) {
    this.#shapes = shapes;
    this.#options = options;
    const comes = (index: number) => options.among?.has(index) ?? true;
    shapes.forEach((shape, index) => {
      if (!comes(index)) return;
      const kept = kindOf(shape, this.#kept(modalitiesOf(shape), 0, index));
      this.#counts.set(kept, (this.#counts.get(kept) ?? 0) + 1);
    });
    const sets = new Map<string, { modalities: string[]; groups: Map<string, number[]> }>();
    shapes.forEach((shape, index) => {
      if (!comes(index)) return;
      const modalities = modalitiesOf(shape);
      const name = this.#setOf(shape, modalities);
      const set = sets.get(name) ?? { modalities, groups: new Map<string, number[]>() };
      sets.set(name, set);
      const groupName = options.group?.(index) ?? String(index);
      const group = set.groups.get(groupName) ?? [];
      group.push(index);
      set.groups.set(groupName, group);
      if (group.length > 1) this.#first.set(index, group[0]);
    });
    this.#sets = [...sets].map(([name, { modalities, groups }]) => {
      const samples = [...groups.values()];
      return { name, modalities, groups: samples, rows: this.#rowsOf(modalities, samples.flat()) };
    });
  }

  /** The same in every epoch. */
  get batchesPerEpoch(): number {
    return this.#sets.reduce((sum, set) => sum + Math.ceil(this.#sizeOf(set) / set.rows), 0);
  }

  /** The batches of an epoch, in their order. They follow from the key and the number of the epoch alone. */
  epoch(epoch: number): PlannedBatch[] {
    const key = this.#options.key.fold(epoch);
    const turnOf = this.#turns(key);
    const batches = this.#sets.flatMap((set) => this.#cut(set, epoch, key.fold(set.name), turnOf));
    const shuffled = [...key.fold('order').shuffle(batches.length)].map((position) => batches[position]);
    return shuffled
      .sort((a, b) => a.turn - b.turn || a.lastTurn - b.lastTurn)
      .map(({ indices, modalities }) => ({ indices, modalities }));
  }

  /**
   * What a batch is padded to: the lengths of the cheapest level that holds its samples, or those that hold them, as `programs` says.
   *
   * @param shapes of these samples, as they have become
   */
  lengths({ indices, modalities }: PlannedBatch, shapes: readonly SampleShape[]): BatchLengths {
    const { batchSize, programs } = this.#options;
    const levels = this.#levelsOf(shapes[0], modalities);
    if (programs === 'layers') return levels.longestOf(shapes);
    const lengths = levels.lengthsFor(shapes);
    if (typeof batchSize === 'number') return lengths;
    if (batchSize.rows(shapes[0], modalities, lengths) >= indices.length) return lengths;
    // A level of a combination that modality dropout leaves may be longer than the one by which the batch was cut.
    const whole = indices.map((index, row) => ({ ...this.#shapes[index], ...shapes[row] }));
    return this.#levelsOf(whole[0], modalitiesOf(whole[0])).lengthsFor(whole);
  }

  /** When in an epoch a sample comes: with its block, and those of a group with its first. */
  #turns(key: RandomKey): (index: number) => number {
    const { blocks } = this.#options;
    if (!blocks) return () => 0;
    const order = blockOrder(this.#shapes.length, blocks, key.fold('blocks'));
    return (index) => order.get(blocks.blockOf(this.#first.get(index) ?? index))!;
  }

  #cut(set: SampleSet, epoch: number, key: RandomKey, turnOf: (index: number) => number): CutBatch[] {
    const rows = this.#sort(set, epoch, key, turnOf);
    return Array.from({ length: Math.ceil(rows.length / set.rows) }, (_, i) => {
      const part = rows.slice(i * set.rows, (i + 1) * set.rows);
      const leader = part[key.fold('leader').fold(i).integer(0, part.length)];
      const [{ turn }, { turn: lastTurn }] = [part[0], part.at(-1)!];
      return { indices: part.map(({ index }) => index), modalities: leader.kept, turn, lastTurn };
    });
  }

  /** The samples of a set by turn, then by combination (in random order), then by length, then at random. */
  #sort({ modalities, groups: samples }: SampleSet, epoch: number, key: RandomKey, turnOf: (index: number) => number) {
    const groups = new Map<string, Row[]>();
    const shuffled = [...key.shuffle(samples.length)].map((position) => samples[position]);
    for (const index of this.#drawn(shuffled, key)) {
      const kept = this.#kept(modalities, epoch, index);
      const shape = this.#shapes[index];
      const group = groups.get(kept.join()) ?? [];
      group.push({ index, kept, level: this.#levelsOf(shape, kept).levelOf(shape), turn: turnOf(index) });
      groups.set(kept.join(), group);
    }
    const names = [...groups.keys()].sort();
    const sorted = [...key.fold('combinations').shuffle(names.length)].flatMap((position) =>
      groups.get(names[position])!.sort((a, b) => a.level - b.level),
    );
    return sorted.sort((a, b) => a.turn - b.turn);
  }

  /** The samples of a set, each as often as its weight says, those of a group one after the other, and so is what comes of it once more. */
  #drawn(groups: readonly (readonly number[])[], key: RandomKey): readonly number[] {
    const { weights, strata } = this.#options;
    const order = groups.flat();
    if (!weights) return order;
    const byStratum = strata ? [...order].sort((a, b) => (strata[a] ?? -1) - (strata[b] ?? -1)) : order;
    const own = byStratum.map((index) => weights[index]);
    const counts = drawWeighted(own, sizeOf(own), key.fold('draw').uniform(1)[0]);
    const times = new Map(byStratum.map((index, place) => [index, counts[place]]));
    const copies = groups.flatMap((group) => copiesOf(group, times));
    return [...key.fold('copies').shuffle(copies.length)].flatMap((position) => copies[position]);
  }

  /** The name of the set that a sample is in. */
  #setOf(shape: SampleShape, modalities: readonly string[]): string {
    const kind = kindOf(shape, modalities);
    if (typeof this.#options.batchSize === 'number') return kind;
    return `${kind} ${this.#levelsOf(shape, modalities).levelOf(shape)}`;
  }

  /** How many rows the batches of a set have. */
  #rowsOf(modalities: readonly string[], indices: readonly number[]): number {
    const { batchSize } = this.#options;
    if (typeof batchSize === 'number') return batchSize;
    const shape = this.#shapes[indices[0]];
    const levels = this.#levelsOf(shape, modalities);
    const lengths = levels.lengthsAt(levels.levelOf(shape));
    batchSize.requireRow(shape, modalities, lengths);
    const count = this.#countOf(indices);
    return Math.ceil(count / Math.ceil(count / batchSize.rows(shape, modalities, lengths)));
  }

  /** How many samples an epoch has of a set. */
  #sizeOf({ groups }: SampleSet): number {
    return this.#countOf(groups.flat());
  }

  #countOf(indices: readonly number[]): number {
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
      const { batchSize, epochs, programs } = this.#options;
      const rows = (lengths: BatchLengths) =>
        typeof batchSize === 'number' ? batchSize : Math.max(1, batchSize.rows(shape, modalities, lengths));
      levels = new LengthLevels(alike, modalities, { rows, passes: epochs * share, programs });
      this.#levels.set(kind, levels);
    }
    return levels;
  }
}

/** A group as often as any of its samples comes, each time with those that come so often. */
function copiesOf(group: readonly number[], times: ReadonlyMap<number, number>): number[][] {
  const most = Math.max(...group.map((index) => times.get(index)!));
  return Array.from({ length: most }, (_, copy) => group.filter((index) => times.get(index)! > copy));
}

/** Weights are 1 on average; every set has a sample at least. */
function sizeOf(weights: readonly number[]): number {
  return Math.max(1, Math.round(weights.reduce((sum, weight) => sum + weight, 0)));
}

/** Samples that can share a batch with all of their modalities. */
interface SampleSet {
  readonly name: string;
  readonly modalities: readonly string[];
  /** Indices of samples. */
  readonly groups: readonly (readonly number[])[];
  /** Of each of its batches; the last may have fewer. */
  readonly rows: number;
}

interface Row {
  readonly index: number;
  readonly kept: readonly string[];
  readonly level: number;
  readonly turn: number;
}

interface CutBatch extends PlannedBatch {
  /** Those of its first and last sample. */
  readonly turn: number;
  readonly lastTurn: number;
}
