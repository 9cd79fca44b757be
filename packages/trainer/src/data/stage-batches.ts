import type { PreparedSample, RandomKey } from '@polymodal/core';
import type { CombinationSampler, PlannedBatch } from './combination-sampler';
import type { FeatureStore } from './feature-store';
import type { BatchLengths, SampleShape } from './sample-shape';

/** Where a source stands. */
export interface SourcePosition {
  /** Of the source's own epochs the one that comes next, or is gone on with. */
  readonly epoch: number;
  /** How many of its batches have been taken. */
  readonly batch: number;
}

/** By the name of the source. */
export type SourcePositions = Readonly<Record<string, SourcePosition>>;

/** A source as a stage sees it. */
export interface StageSource {
  readonly name: string;
  readonly store: FeatureStore;
  readonly sampler: CombinationSampler;
}

/** A batch of one source. */
export interface SourceBatch extends PlannedBatch {
  readonly source: StageSource;
  /** Of the source. */
  readonly epoch: number;
}

/**
 * The batches of a stage. A batch is of one source, and an epoch has each batch of each source once, the sources mixed at random: as
 * often as a source has batches, its turn comes. Which batches follow is decided by where each source stands, and nothing else.
 */
export class StageBatches {
  readonly #sources: readonly StageSource[];
  readonly #key: RandomKey;

  constructor(sources: readonly StageSource[], key: RandomKey) {
    this.#sources = sources;
    this.#key = key;
  }

  get sources(): readonly StageSource[] {
    return this.#sources;
  }

  /** The same in every epoch. */
  get perEpoch(): number {
    return this.#sources.reduce((sum, { sampler }) => sum + sampler.batchesPerEpoch, 0);
  }

  /** What remains of the epoch that the sources are in. */
  rest(at: SourcePositions): SourceBatch[] {
    const left = new Map(this.#sources.map((source) => [source, this.#planned(source, at[source.name]).values()]));
    const done = this.#sources.reduce((sum, { name }) => sum + at[name].batch, 0);
    return this.#turns(at)
      .slice(done)
      .map((source) => left.get(source)!.next().value!);
  }

  /** Where the sources stand after some more batches. */
  after(at: SourcePositions, batches: readonly SourceBatch[]): SourcePositions {
    const taken = (name: string) => batches.filter(({ source }) => source.name === name).length;
    return this.#moved(at, ({ epoch, batch }, name) => ({ epoch, batch: batch + taken(name) }));
  }

  /** Where the sources stand when the epoch is over, or the stage within it. */
  afterEpoch(at: SourcePositions): SourcePositions {
    return this.#moved(at, ({ epoch }) => ({ epoch: epoch + 1, batch: 0 }));
  }

  /** The features of a batch's samples, whole. */
  features({ source, indices, epoch }: SourceBatch): Promise<PreparedSample[]> {
    return source.store.get(indices, epoch);
  }

  /** What a batch is padded to. */
  lengths({ source }: SourceBatch, shapes: readonly SampleShape[]): BatchLengths {
    return source.sampler.lengths(shapes);
  }

  #planned(source: StageSource, { epoch, batch }: SourcePosition): SourceBatch[] {
    return source.sampler
      .epoch(epoch)
      .slice(batch)
      .map((own) => ({ ...own, source, epoch }));
  }

  /** Whose turn it is, batch by batch, in a whole epoch. */
  #turns(at: SourcePositions): StageSource[] {
    const turns = this.#sources.flatMap((source) =>
      new Array<StageSource>(source.sampler.batchesPerEpoch).fill(source),
    );
    if (this.#sources.length === 1) return turns; // in the order of its sampler
    const key = this.#sources.reduce((own, { name }) => own.fold(name).fold(at[name].epoch), this.#key.fold('turns'));
    return [...key.shuffle(turns.length)].map((position) => turns[position]);
  }

  #moved(at: SourcePositions, move: (position: SourcePosition, name: string) => SourcePosition): SourcePositions {
    return { ...at, ...Object.fromEntries(this.#sources.map(({ name }) => [name, move(at[name], name)])) };
  }
}
