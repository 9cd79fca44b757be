import {
  fulfils,
  type HostTensor,
  MissingModalityError,
  type Model,
  type PreparedSample,
  type RandomKey,
  type Sample,
} from '@polymodal/core';
import type { ProgressBar } from '../run/progress';
import type { Dataset } from './dataset';
import { watchedKey } from './watched-key';

/** For each modality that a sample has, the length bucket that decides its shapes (0 where there is only one). */
export type SampleShape = Readonly<Record<string, number>>;

/** How a {@link FeatureStore} prepares samples. */
export interface FeatureStoreOptions {
  /** Samples are prepared for training, with randomness from this key; without one, for inference. */
  readonly key?: RandomKey;
  /** Changes a raw sample before it is prepared for training. */
  readonly augment?: (sample: Sample, key: RandomKey) => Sample | Promise<Sample>;
  /** Bytes of features that may stay in memory. */
  readonly cacheBytes: number;
  /** How error messages call the samples. */
  readonly name: string;
  readonly progress: ProgressBar;
  readonly signal?: AbortSignal | undefined;
}

/** How many samples are prepared at a time: enough to keep native decoders busy. */
const concurrency = 16;

/**
 * The samples of a dataset as features. Each is prepared once and kept in memory as far as the bound allows; one whose
 * preparation drew random numbers (augmentation) is prepared anew whenever it is asked for.
 */
export class FeatureStore {
  readonly #cache = new Map<number, PreparedSample>();
  #cachedBytes = 0;

  private constructor(
    private readonly model: Model,
    private readonly dataset: Dataset,
    private readonly options: FeatureStoreOptions,
    /** The shape of every sample, as first prepared. */
    readonly shapes: SampleShape[],
  ) {}

  /**
   * Prepares every sample once.
   *
   * @throws SampleError naming a sample that has no modality or cannot be read
   * @throws MissingModalityError naming a sample on which none of the model's heads can run
   */
  static async prepare(model: Model, dataset: Dataset, options: FeatureStoreOptions): Promise<FeatureStore> {
    const store = new FeatureStore(model, dataset, options, []);
    options.progress.start(`Preparing ${options.name}`, dataset.length);
    try {
      for (let start = 0; start < dataset.length; start += concurrency) {
        options.signal?.throwIfAborted();
        const indices = range(start, Math.min(start + concurrency, dataset.length));
        for (const prepared of await store.get(indices, 0)) store.shapes.push(shapeOf(model, prepared));
        options.progress.update(start + indices.length);
      }
    } finally {
      options.progress.stop();
    }
    store.shapes.forEach((shape, index) => {
      if (!canLearn(model, Object.keys(shape))) throw noHead(model, Object.keys(shape), options.name, index);
    });
    return store;
  }

  get length(): number {
    return this.dataset.length;
  }

  /** The features of some samples. `epoch` decides the random numbers of augmentation. */
  get(indices: readonly number[], epoch: number): Promise<PreparedSample[]> {
    return Promise.all(indices.map((index) => this.#cache.get(index) ?? this.#prepare(index, epoch)));
  }

  /** The features of every sample. */
  all(): Promise<PreparedSample[]> {
    return this.get(range(0, this.length), 0);
  }

  async #prepare(index: number, epoch: number): Promise<PreparedSample> {
    const { key, augment, name, cacheBytes } = this.options;
    const where = `${name}, sample ${index}`;
    const raw = await this.dataset.get(index);
    let random = false;
    const own = key && watchedKey(key.fold(epoch).fold(index), () => (random = true));
    const sample = own && augment ? await augment(raw, own.fold('augment')) : raw;
    const context = own ? { training: true, key: own.fold('process') } : { training: false };
    const prepared = await this.model.prepare(sample, context, where);
    const bytes = byteLength(prepared);
    if (!random && this.#cachedBytes + bytes <= cacheBytes && !this.#cache.has(index)) {
      this.#cache.set(index, prepared);
      this.#cachedBytes += bytes;
    }
    return prepared;
  }
}

/** Whether any head that stands on the fused tokens runs on these modalities; the heads behind it then may, too. */
export function canLearn(model: Model, modalities: readonly string[]): boolean {
  return Object.entries(model.heads).some(([name, head]) => isRoot(model, name) && fulfils(head.requires, modalities));
}

function isRoot(model: Model, head: string): boolean {
  const input = model.config.heads[head]?.input;
  return input === undefined || input === 'fused';
}

function shapeOf(model: Model, { features }: PreparedSample): SampleShape {
  return Object.fromEntries(
    Object.entries(features).map(([modality, own]) => [modality, model.processors[modality].bucket?.(own) ?? 0]),
  );
}

function noHead(model: Model, modalities: readonly string[], name: string, index: number): MissingModalityError {
  return new MissingModalityError({
    where: `${name}, sample ${index}`,
    expected: `modalities that at least one of the heads ${Object.keys(model.heads).join(', ')} can run on`,
    received: modalities.join(', '),
    hint: 'Leave the sample out, or add a head that can learn from it.',
  });
}

function byteLength({ features }: PreparedSample): number {
  const tensors: HostTensor[] = Object.values(features).flatMap((own) => Object.values(own));
  return tensors.reduce((sum, { data }) => sum + data.byteLength, 0);
}

function range(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, i) => start + i);
}
