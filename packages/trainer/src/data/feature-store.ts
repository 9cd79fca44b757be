import {
  type Augmentations,
  asSampleError,
  augmentedFeatures,
  ConfigError,
  FeaturePool,
  type Features,
  hashFeatures,
  MissingModalityError,
  type Model,
  type PreparedSample,
  packSamples,
  type RandomKey,
  SharedEncoder,
  sampleShape,
  type Targets,
} from '@polymodal/core';
import type { ProgressBar } from '../progress';
import { byteLength } from './byte-length';
import type { CacheBudget } from './cache-budget';
import { canLearn } from './can-learn';
import type { Dataset, SampleBlocks } from './dataset';
import { inOrder } from './in-order';
import type { Prepared, Preparer } from './preparing/sample-preparer';
import { readSample } from './read-sample';
import { type RowSizes, rowSizesOf } from './row-sizes';
import type { SampleShape } from './sample-shape';

/** How a {@link FeatureStore} prepares samples. */
export interface FeatureStoreOptions {
  /** Samples are prepared for training, with randomness from this key; without one, for inference. */
  readonly key?: RandomKey;
  /** What prepares them. */
  readonly preparer: Preparer;
  /** What changes features for training, behind those that are kept. */
  readonly augment?: Augmentations | undefined;
  /** Slots of which it is to know which samples have equal values. */
  readonly compared?: readonly string[] | undefined;
  /** Heads of which it is to know which samples have equal targets. */
  readonly balanced?: readonly string[] | undefined;
  /** Whether samples are to share rows: how much of one each takes is known then, and one that cannot be packed is refused. */
  readonly packed?: boolean | undefined;
  /** Features that may stay in memory. */
  readonly cache: CacheBudget;
  /** How error messages call the samples. */
  readonly name: string;
  readonly progress: ProgressBar;
  readonly signal?: AbortSignal | undefined;
  /** Sees each sample once, in order, when it has first been prepared, with its targets as they were given. */
  readonly onPrepared?: ((sample: PreparedSample, targets: Targets | undefined) => void) | undefined;
}

/** How many samples are prepared at a time: enough to keep native decoders, and a few threads, busy. */
const atOnce = 32;

/**
 * The samples of a dataset as features. Each is prepared once and kept in memory as far as the bound allows; one whose
 * preparation drew random numbers (augmentation of values) is prepared anew whenever it is asked for. Augmentations of features act behind
 * what is kept.
 */
export class FeatureStore {
  readonly #cache = new Map<number, PreparedSample>();
  /** Under which keys samples are kept on disk that are not in memory. */
  readonly #keys = new Map<number, string>();
  /** Of each slot that is compared or shared, whose equal values are kept once: what is kept of them. */
  readonly #pools: ReadonlyMap<string, FeaturePool>;

  readonly #model: Model;
  readonly #dataset: Dataset;
  readonly #options: FeatureStoreOptions;

  private constructor(
    model: Model,
    dataset: Dataset,
    options: FeatureStoreOptions,
    /** The shape of every sample, as first prepared. */
    readonly shapes: SampleShape[],
    /** A number for each sample's value of every compared slot, and target of every balanced head (`targets.<head>`), which equal ones share. */
    readonly values: Readonly<Record<string, number | undefined>>[],
    /** How much of a row every sample takes, where rows are shared. */
    readonly rowSizes: RowSizes[],
  ) {
    this.#model = model;
    this.#dataset = dataset;
    this.#options = options;
    const pooled = new Set([...(options.compared ?? []), ...sharedSlots(model)]);
    this.#pools = new Map([...pooled].map((slot) => [slot, new FeaturePool()]));
  }

  /**
   * Prepares every sample once, and checks it with its targets.
   *
   * @throws SampleError naming the first sample that cannot be read, has no modality, a target that no head can learn from, or
   *   a number that is not finite
   * @throws MissingModalityError naming a sample on which none of the model's heads can run
   */
  static async prepare(model: Model, dataset: Dataset, options: FeatureStoreOptions): Promise<FeatureStore> {
    const store = new FeatureStore(model, dataset, options, [], [], []);
    options.progress.start(`Preparing ${options.name}`, dataset.length);
    try {
      // of several samples that fail, the first is named, not the fastest
      for await (const { prepared, targets } of inOrder(dataset.length, atOnce, (index) => store.#first(index))) {
        options.signal?.throwIfAborted();
        store.shapes.push(sampleShape(model, prepared));
        store.values.push({
          ...hashedSlots(prepared, options.compared ?? []),
          ...hashedTargets(prepared, options.balanced ?? []),
        });
        if (options.packed) {
          packSamples(model, [prepared], () => `${options.name}, sample ${store.shapes.length - 1}`);
          store.rowSizes.push(rowSizesOf(model, prepared));
        }
        requireHead(model, Object.keys(prepared.features), `${options.name}, sample ${store.shapes.length - 1}`);
        options.onPrepared?.(prepared, targets);
        options.progress.update(store.shapes.length);
      }
    } finally {
      options.progress.stop();
    }
    return store;
  }

  get length(): number {
    return this.#dataset.length;
  }

  /** How samples lie where they are read from: the same whether their features are in memory, so that the order of training is. */
  get blocks(): SampleBlocks | undefined {
    return this.#dataset.blocks;
  }

  /** The features of some samples. `epoch` decides the random numbers of augmentation. */
  get(indices: readonly number[], epoch: number): Promise<PreparedSample[]> {
    return Promise.all(
      indices.map(async (index) =>
        this.#augmented(this.#cache.get(index) ?? (await this.#again(index, epoch)), index, epoch),
      ),
    );
  }

  /** The features of every sample. */
  all(): Promise<PreparedSample[]> {
    return this.get(range(0, this.length), 0);
  }

  /** As {@link get}, for the first time. */
  async #first(index: number): Promise<Prepared> {
    const made = await this.#prepare(index, 0);
    return { ...made, prepared: this.#augmented(made.prepared, index, 0) };
  }

  /** What is kept on disk is had without a look at the sample, which is what it was when it was first prepared. */
  async #again(index: number, epoch: number): Promise<PreparedSample> {
    const key = this.#keys.get(index);
    const kept = key === undefined ? undefined : await this.#options.preparer.recall(key);
    return kept ?? (await this.#prepare(index, epoch)).prepared;
  }

  async #prepare(index: number, epoch: number): Promise<Prepared> {
    const { preparer, name, cache } = this.#options;
    const where = `${name}, sample ${index}`;
    const sample = await readSample(this.#dataset, index, where);
    const made = await preparer.prepare({ sample, key: this.#keyOf(index, epoch), where });
    const { prepared, isRandom } = made;
    this.#model.checkPrepared(prepared, where);
    if (isRandom || this.#cache.has(index)) return made;
    const known = this.#known(prepared);
    const added = Object.fromEntries(Object.entries(prepared.features).filter(([slot]) => !known[slot]));
    if (cache.take(byteLength({ ...prepared, features: added }))) {
      this.#cache.set(index, { ...prepared, features: { ...prepared.features, ...known } });
      for (const [slot, pool] of this.#pools) if (added[slot]) pool.first(added[slot]);
    } else if (made.key !== undefined) this.#keys.set(index, made.key);
    return made;
  }

  /** With its features changed at random: never kept. */
  #augmented(prepared: PreparedSample, index: number, epoch: number): PreparedSample {
    const key = this.#keyOf(index, epoch);
    const { augment } = this.#options;
    if (!key || !augment) return prepared;
    try {
      return augmentedFeatures(this.#model.processors, prepared, augment, key.fold('features'));
    } catch (error) {
      throw asSampleError(error, `${this.#options.name}, sample ${index}, augmented`, 'features that can be changed');
    }
  }

  /** Of all that is random in a sample. */
  #keyOf(index: number, epoch: number): RandomKey | undefined {
    return this.#options.key?.fold(epoch).fold(index);
  }

  /** Of the slots that are compared or shared, what is kept already that equals what the sample has. */
  #known({ features }: PreparedSample): PreparedSample['features'] {
    const pooled = [...this.#pools].map(([slot, pool]) => [slot, features[slot] && pool.find(features[slot])] as const);
    return Object.fromEntries(pooled.flatMap(([slot, own]) => (own ? [[slot, own]] : [])));
  }
}

function sharedSlots({ encoders }: Model): string[] {
  return Object.keys(encoders).filter((slot) => encoders[slot] instanceof SharedEncoder);
}

function hashedSlots({ features }: PreparedSample, slots: readonly string[]): Record<string, number | undefined> {
  return Object.fromEntries(slots.map((slot) => [slot, features[slot] && hashFeatures(features[slot])]));
}

function hashedTargets({ targets }: PreparedSample, heads: readonly string[]): Record<string, number | undefined> {
  return Object.fromEntries(
    heads.map((head) => [`targets.${head}`, targets[head] && hashFeatures(requireClass(head, targets[head]))]),
  );
}

/** A class is one whole number: other targets, of which hardly two are equal, would each be a class of its own. */
function requireClass(head: string, target: Features): Features {
  const tensors = Object.values(target);
  if (tensors.length === 1 && tensors[0].data.length === 1 && !(tensors[0].data instanceof Float32Array)) return target;
  throw new ConfigError({
    where: 'train.balance',
    expected: 'a head whose targets are classes',
    received: `"${head}", whose targets are something else`,
    hint: 'Leave balance out, or name a head that classifies.',
  });
}

/** @throws MissingModalityError for a sample on which none of the heads can run */
export function requireHead(model: Model, modalities: readonly string[], where: string): void {
  if (canLearn(model, modalities)) return;
  throw new MissingModalityError({
    where,
    expected: `modalities that at least one of the heads ${Object.keys(model.heads).join(', ')} can run on`,
    received: modalities.join(', '),
    hint: 'Leave the sample out, or add a head that can learn from it.',
  });
}

function range(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, i) => start + i);
}
