import { ShapeError, viewValues } from '@polymodal/core';
import { type KeyValueCache, slotPlaces } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { CachedPass } from './cached-pass';
import type { CacheSizes } from './decodable';
import { emptyCaches } from './empty-caches';
import { inSlots, type KeptPrompts } from './kept-prompts';
import { leftPadded, lengthOf, type PromptFeatures } from './left-padded';
import { slotBias, slotPositions } from './slots-seen';

/** How sequences begin. */
export interface StartOptions {
  /** Most tokens of a sequence. One that has ended is run with the others, and its positions go no further. */
  readonly maxLength: number;
  /** Tokens that are likely to follow, for which room is made at once. */
  readonly room: number;
  /** What stays the same for all passes, each (B, …). It is not disposed. */
  readonly memory?: tf.NamedTensorMap;
  /**
   * Whether what a pass tells is read before the next one, which then writes over it (default false). Logits of some rows are megabytes:
   * fresh memory for each token has the garbage collector go through everything at every few tokens.
   */
  readonly overwrites?: boolean;
}

/** What a pass tells of each row, by the names that the model gives it. */
export type Outputs = Readonly<Record<string, Float32Array>>;

/**
 * Sequences that are being continued: their keys and values, in slots. All rows take the same slots, so shorter prompts begin with
 * empty ones.
 */
export class CachedDecoding {
  readonly #pass: CachedPass;
  readonly #maxLength: number;
  readonly #sizes: CacheSizes;
  readonly #prompts: readonly PromptFeatures[];
  /** Empty slots at the beginning of each row. */
  #starts: Int32Array;
  #caches: readonly KeyValueCache[];
  #memory: tf.NamedTensorMap;
  /** Whether the memory is a choice of its rows, which was made here. */
  #ownsMemory = false;
  /** Which row of the memory that was given each row goes by. */
  #attended: readonly number[];
  #capacity: number;
  /** Slots once the prompts have run. */
  readonly #roomy: number;
  /** Slots that are taken. */
  #taken = 0;
  /** What the last pass told, where the next one writes over it. */
  readonly #told: Map<string, Float32Array> | undefined;

  /**
   * Begins with prompts, all at once.
   *
   * @param prompts features of each, at least one token long; or the keys and values of those that ran through the layers already:
   *   then the next is a step
   */
  constructor(
    pass: CachedPass,
    prompts: readonly PromptFeatures[] | KeptPrompts,
    { maxLength, room, memory = {}, overwrites = false }: StartOptions,
  ) {
    this.#pass = pass;
    this.#maxLength = maxLength;
    this.#told = overwrites ? new Map() : undefined;
    this.#sizes = pass.cacheSizes;
    this.#memory = memory;
    const kept = 'caches' in prompts ? prompts : undefined;
    this.#prompts = 'caches' in prompts ? [] : prompts;
    const lengths = kept ? kept.places.map((own) => own.length) : this.#prompts.map(lengthOf);
    const longest = kept ? Math.max(...lengths) : Math.ceil(Math.max(...lengths) / promptStep) * promptStep;
    this.#starts = Int32Array.from(lengths, (length) => longest - length);
    this.#attended = [...this.#starts.keys()];
    this.#roomy = bucketOf(longest + room, fewestSlots);
    this.#capacity = kept ? this.#roomy : longest; // a prompt would look at empty slots, too
    this.#taken = kept ? longest : 0;
    this.#caches = kept ? inSlots(kept, longest, this.#capacity) : emptyCaches(this.#sizes, this.rows, this.#capacity);
  }

  get rows(): number {
    return this.#starts.length;
  }

  /** Slots that there are now. */
  get capacity(): number {
    return this.#capacity;
  }

  /** Runs the prompts. */
  prefill(): Promise<Outputs> {
    const [first] = this.#prompts;
    const width = lengthOf(first) + this.#starts[0];
    const names = Object.keys(first);
    const feature = (name: string) =>
      leftPadded(
        this.#prompts.map((prompt) => prompt[name]),
        width,
      );
    return this.#run(Object.fromEntries(names.map((name) => [name, feature(name)])), width);
  }

  /**
   * Runs one more token of each row, and makes room where there is none.
   *
   * @param features each (B, 1, …); they are disposed
   * @throws ShapeError where every row is as long as a sequence may be
   */
  async step(features: tf.NamedTensorMap): Promise<Outputs> {
    this.#requirePosition(features);
    if (this.#taken === this.#capacity) this.#growTo(Math.max(this.#roomy, bucketOf(this.#taken + 1, fewestSlots)));
    return this.#run(features, 1);
  }

  /** Goes on with these rows, each of which may stand several times, or not at all. */
  select(rows: readonly number[]): void {
    this.#starts = Int32Array.from(rows, (row) => this.#starts[row]);
    this.#replaceCaches((cache) => rowsOf(cache, rows));
    const attended = rows.map((row) => this.#attended[row]);
    const isSame =
      attended.length === this.#attended.length && attended.every((own, row) => own === this.#attended[row]);
    this.#attended = attended;
    if (isSame) return; // as where the beams of one prompt change places
    const memory = Object.entries(this.#memory).map(([name, tensor]) => [name, rowsOf(tensor, rows)]);
    this.#releaseMemory();
    this.#memory = Object.fromEntries(memory);
    this.#ownsMemory = true;
  }

  dispose(): void {
    for (const cache of this.#caches) tf.dispose({ ...cache });
    this.#caches = [];
    this.#releaseMemory();
    this.#memory = {};
  }

  async #run(features: tf.NamedTensorMap, added: number): Promise<Outputs> {
    const { rows } = this;
    const { numKeyValueHeads, lengthWithSamePositions } = this.#sizes;
    const slots = { starts: this.#starts, taken: this.#taken };
    const last = this.#maxLength - 1; // of rows that have ended, and go on with the others
    const places = slotPlaces([rows, numKeyValueHeads, added], this.#taken);
    const biasOf = (window: number) => slotBias(slots, added, this.#capacity, window);
    const biases = new Map([...new Set(this.#sizes.windows)].map((window) => [window, biasOf(window)]));
    const inputs = {
      positions: slotPositions(slots, added, last),
      places: tf.tensor4d(places, [rows, numKeyValueHeads, added, 3], 'int32'),
    };
    const longest = Math.min(this.#taken + added - Math.min(...this.#starts), this.#maxLength);
    const masked = { ...features, mask: this.#mask(added) };
    try {
      const { outputs, caches } = this.#pass.run({
        ...inputs,
        features: masked,
        memory: this.#memory,
        biases,
        caches: this.#caches,
        length: lengthWithSamePositions(longest),
      });
      this.#caches = caches;
      this.#taken += added;
      return await read(outputs, this.#told);
    } finally {
      tf.dispose([...Object.values(inputs), ...Object.values(masked), ...biases.values()]); // also where the model is gone
    }
  }

  /** 1 for the new tokens, 0 in empty slots. */
  #mask(added: number): tf.Tensor2D {
    const mask = new Float32Array(this.rows * added);
    for (let row = 0; row < this.rows; row++) {
      mask.fill(1, row * added + Math.max(0, this.#starts[row] - this.#taken), (row + 1) * added);
    }
    return tf.tensor2d(mask, [this.rows, added]);
  }

  #requirePosition(features: tf.NamedTensorMap): void {
    if (this.#taken - Math.max(...this.#starts) < this.#maxLength) return;
    tf.dispose(Object.values(features));
    const expected = `at most ${this.#maxLength} tokens of a sequence, as many as there are positions`;
    throw new ShapeError({ where: 'step', expected, received: 'one more' });
  }

  #growTo(capacity: number): void {
    const added = capacity - this.#capacity;
    this.#replaceCaches((cache) => tf.pad(cache, [none, none, [0, added], none]));
    this.#capacity = capacity;
  }

  #replaceCaches(change: (cache: tf.Tensor4D) => tf.Tensor4D): void {
    this.#caches = this.#caches.map((cache) => {
      const changed = tf.tidy(() => ({ keys: change(cache.keys), values: change(cache.values) }));
      tf.dispose({ ...cache });
      return changed;
    });
  }

  #releaseMemory(): void {
    if (this.#ownsMemory) tf.dispose(Object.values(this.#memory));
  }
}

const none: [number, number] = [0, 0];

/** Prompts are filled up to a multiple of so many tokens, so that what moves their keys and values comes in fewer shapes. */
const promptStep = 16;
const fewestSlots = 64;

/** The least power of two that holds a length, and is not below the least. */
function bucketOf(length: number, least: number): number {
  return Math.max(least, 2 ** Math.ceil(Math.log2(length)));
}

/** The keys and values of rows that have grown to a length, in 32 bits. */
export function cacheBytes({ numKeyValueHeads, headDim, windows }: CacheSizes, rows: number, length: number): number {
  return 4 * 2 * windows.length * rows * numKeyValueHeads * headDim * bucketOf(length, fewestSlots);
}

function rowsOf<T extends tf.Tensor>(tensor: T, rows: readonly number[]): T {
  return tf.tidy(() => tf.gather(tensor, tf.tensor1d([...rows], 'int32')));
}

/** The values of tensors, which are disposed. @param told arrays to write them into, by name; new ones stand there afterwards */
async function read(outputs: tf.NamedTensorMap, told = new Map<string, Float32Array>()): Promise<Outputs> {
  try {
    for (const [name, tensor] of Object.entries(outputs)) {
      const values = await viewValues(tensor);
      const array = told.get(name)?.length === values.length ? told.get(name)! : new Float32Array(values.length);
      array.set(values);
      told.set(name, array);
    }
    return Object.fromEntries(told);
  } finally {
    tf.dispose(Object.values(outputs));
  }
}
