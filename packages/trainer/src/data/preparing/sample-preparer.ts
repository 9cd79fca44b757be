import {
  type Augmentations,
  changesValues,
  type Model,
  type PrepareContext,
  type PreparedSample,
  prepareSample,
  type RandomKey,
  type Sample,
  type SampleProcessors,
  type Targets,
} from '@polymodal/core';
import type { AugmentSample } from '../augment';
import type { FeatureCache } from '../feature-cache/feature-cache';
import { augmented } from '../read-sample';
import { requireFinite } from '../require-finite';
import { watchedKey } from '../watched-key';
import { DecodedValues } from './decoded-values';

/** A sample that is to be prepared. */
export interface PreparingTask {
  readonly sample: Sample;
  /** Of all randomness, for training; without one it is prepared for inference. */
  readonly key?: RandomKey | undefined;
  /** How error messages call the sample. */
  readonly where: string;
  /** Whether it may be kept on disk, where there is a cache. */
  readonly mayKeep?: boolean;
}

/** What preparing comes to. */
export interface Prepared {
  readonly prepared: PreparedSample;
  /** As they were given, or as the augmentation gave them. */
  readonly targets: Targets | undefined;
  /** Whether random numbers were drawn, so that another key would give something else. */
  readonly isRandom: boolean;
  /** Bytes that were written to a cache on disk. */
  readonly keptBytes: number;
  /** Where it is kept on disk: by what it is had again. */
  readonly key?: string | undefined;
}

/** Prepares samples: in this thread ({@link SamplePreparer}), or in others, with the same results. */
export interface Preparer {
  /** @throws SampleError for what cannot be read */
  prepare(task: PreparingTask): Promise<Prepared>;
  /** What is kept on disk under a key that was told; nothing where it is there no longer. Nobody looks whether files have changed since. */
  recall(key: string): Promise<PreparedSample | undefined>;
  /** Ends what was begun for it. */
  close(): Promise<void>;
}

/** What a {@link SamplePreparer} does beside running processors. */
export interface SamplePreparerOptions {
  /** False where samples may not name files. */
  readonly readFiles?: boolean;
  /** For training: what changes samples as wholes, or values of their slots. */
  readonly augment?: AugmentSample | Augmentations | undefined;
  /** Where features are kept of samples that are not changed at random. */
  readonly cache?: FeatureCache | undefined;
  /** Bytes of decoded values that may stay in memory, of files whose values are changed at random. Default 0. */
  readonly decodedBytes?: number;
}

/** Whether samples are changed before features are made of them, anew in each epoch. */
function changesSamples(augment: SamplePreparerOptions['augment'] = {}): boolean {
  return typeof augment === 'function' || Object.values(augment).some((list) => list.some(changesValues));
}

/** Prepares samples in the thread that asks. */
export class SamplePreparer implements Preparer {
  readonly #from: SampleProcessors;
  readonly #options: SamplePreparerOptions;
  readonly #decoded: DecodedValues | undefined;

  constructor(from: SampleProcessors, options: SamplePreparerOptions = {}) {
    this.#from = from;
    this.#options = options;
    this.#decoded = options.decodedBytes ? new DecodedValues(options.decodedBytes) : undefined;
  }

  /** One with the processors of a model. */
  static of(model: Model, options: Omit<SamplePreparerOptions, 'readFiles'> = {}): SamplePreparer {
    return new SamplePreparer(model, { readFiles: model.readFiles, ...options });
  }

  /** Bytes of decoded values that it has in memory. */
  get decodedBytes(): number {
    return this.#decoded?.bytes ?? 0;
  }

  async prepare(task: PreparingTask): Promise<Prepared> {
    const { augment, cache } = this.#options;
    const { sample, key, mayKeep } = task;
    const isChanged = key !== undefined && changesSamples(augment);
    const kept = isChanged ? undefined : await cache?.keyOf(sample, key !== undefined);
    const found = kept && cache?.find(kept);
    if (found) return { prepared: found, targets: sample.targets, isRandom: false, keptBytes: 0, key: kept };
    const made = await this.#make(task);
    if (!cache || !kept || !mayKeep || made.isRandom) return { ...made, keptBytes: 0 };
    const isSame = (await cache.keyOf(sample, key !== undefined)) === kept; // its files may have been changed meanwhile
    const keptBytes = isSame ? cache.keep(kept, made.prepared) : 0;
    return { ...made, keptBytes, ...(keptBytes > 0 && { key: kept }) };
  }

  async recall(key: string): Promise<PreparedSample | undefined> {
    return this.#options.cache?.find(key);
  }

  async #make({ sample, key, where }: PreparingTask): Promise<Omit<Prepared, 'keptBytes'>> {
    const { augment, readFiles = true } = this.#options;
    let isRandom = false;
    const own = key && watchedKey(key, () => (isRandom = true));
    const isWhole = typeof augment === 'function';
    const changed = own && isWhole ? await augmented(sample, augment, own.fold('augment'), where) : sample;
    const decoded = this.#decoded;
    const recall: PrepareContext['recall'] = decoded && ((slot, raw, read) => decoded.of(slot, raw, read));
    const context: PrepareContext = own
      ? {
          training: true,
          key: own.fold('process'),
          ...(augment && !isWhole && { augment }),
          ...(recall && { recall }),
        }
      : { training: false };
    const prepared = await prepareSample(this.#from, changed, readFiles ? context : { ...context, readFiles }, where);
    requireFinite(this.#from.targets, prepared, where);
    return { prepared, targets: changed.targets, isRandom };
  }

  async close(): Promise<void> {
    this.#options.cache?.close();
  }
}
