import type { PreparedSample, RandomKey } from '@polymodal/core';
import type { BatchSampler, PlannedBatch } from './batch-sampler';
import type { FeatureStore } from './feature-store';
import { type Ratios, ratioTurns } from './ratio-turns';
import type { BatchLengths, SampleShape } from './sample-shape';

/** Where a source stands. */
export interface SourcePosition {
  /** Of the source's epochs in its stages the one that comes next, or is gone on with. */
  readonly epoch: number;
  /** How many of its batches have been taken in it. */
  readonly batch: number;
}

/** By the name of the source. */
export type SourcePositions = Readonly<Record<string, SourcePosition>>;

/** A source as a stage sees it. */
export interface StageSource {
  readonly name: string;
  readonly store: FeatureStore;
  readonly sampler: BatchSampler;
  /** Tokens of a sample in random batches, on average. */
  readonly tokensAtRandom: number;
}

/** A batch of one source. */
export interface SourceBatch extends PlannedBatch {
  readonly source: StageSource;
  /** Which pass over the source it is of. */
  readonly epoch: number;
}

/**
 * The batches of a stage. A batch is of one source. By default an epoch has each batch of each source once, the sources mixed at random: as
 * often as a source has batches, its turn comes. With ratios turns come round in one order that has them exactly, and an epoch is as many
 * rounds as it takes for every batch of every source to come; a source that is through before begins anew, in another order of its
 * batches. Which batches follow is decided by where each source stands, and nothing else.
 */
export class StageBatches {
  readonly #sources: readonly StageSource[];
  readonly #key: RandomKey;
  /** One round of turns, where there are ratios. */
  readonly #round: readonly StageSource[] | undefined;
  readonly #rounds: number;

  /** @param ratios how many turns each source has in a round */
  constructor(sources: readonly StageSource[], key: RandomKey, ratios?: Ratios) {
    this.#sources = sources;
    this.#key = key;
    this.#round = ratios && ratioTurns(ratios).map((name) => sources.find((source) => source.name === name)!);
    const roundsOf = ({ name, sampler }: StageSource) => Math.ceil(sampler.batchesPerEpoch / this.#perRound(name));
    this.#rounds = this.#round ? Math.max(...sources.map(roundsOf)) : 1;
  }

  get sources(): readonly StageSource[] {
    return this.#sources;
  }

  /** The same in every epoch. */
  get perEpoch(): number {
    return this.#sources.reduce((sum, source) => sum + this.#turnsOf(source), 0);
  }

  /** What remains of the epoch that the sources are in. */
  rest(at: SourcePositions): SourceBatch[] {
    const left = new Map(this.#sources.map((source) => [source, this.#planned(source, at[source.name]).values()]));
    const done = this.#sources.reduce((sum, { name }) => sum + at[name].batch, 0);
    return this.#turns(at)
      .slice(done)
      .map((source) => left.get(source)!.next().value!);
  }

  /** Whether nothing remains of the epoch that the sources are in. */
  isThrough(at: SourcePositions): boolean {
    return this.#sources.reduce((sum, { name }) => sum + at[name].batch, 0) === this.perEpoch;
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
  lengths(batch: SourceBatch, shapes: readonly SampleShape[]): BatchLengths {
    return batch.source.sampler.lengths(batch, shapes);
  }

  /** What comes of a source in the rest of the epoch: its batches in one order after the other, from where it stands in them. */
  #planned(source: StageSource, { epoch, batch }: SourcePosition): SourceBatch[] {
    const { sampler } = source;
    const turns = this.#turnsOf(source);
    const planned: SourceBatch[] = [];
    for (let next = epoch * turns + batch; next < (epoch + 1) * turns; ) {
      const pass = Math.floor(next / sampler.batchesPerEpoch);
      const rest = sampler.epoch(pass).slice(next - pass * sampler.batchesPerEpoch);
      const taken = rest.slice(0, (epoch + 1) * turns - next);
      planned.push(...taken.map((own) => ({ ...own, source, epoch: pass })));
      next += taken.length;
    }
    return planned;
  }

  /** How many batches an epoch has of a source. */
  #turnsOf({ name, sampler }: StageSource): number {
    return this.#round ? this.#rounds * this.#perRound(name) : sampler.batchesPerEpoch;
  }

  #perRound(name: string): number {
    return this.#round!.filter((source) => source.name === name).length;
  }

  /** Whose turn it is, batch by batch, in a whole epoch. */
  #turns(at: SourcePositions): StageSource[] {
    if (this.#round) return Array.from({ length: this.#rounds }, () => this.#round!).flat();
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
