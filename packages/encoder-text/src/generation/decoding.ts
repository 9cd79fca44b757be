import { EXCLUDED_LOGIT, type KeyValueCache, slotPlaces } from '@polymodal/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Decoder } from './decoder';

/**
 * Texts that are being continued: their keys and values, in slots. All rows take the same slots, so shorter prompts begin with
 * empty ones.
 */
export class Decoding {
  readonly #decoder: Decoder;
  readonly #prompts: readonly Int32Array[];
  /** Empty slots at the beginning of each row. */
  #starts: Int32Array;
  #caches: readonly KeyValueCache[];
  #capacity: number;
  /** Slots that are taken. */
  #taken = 0;

  constructor(decoder: Decoder, prompts: readonly Int32Array[], room: number) {
    this.#decoder = decoder;
    this.#prompts = prompts;
    const longest = bucketOf(Math.max(...prompts.map(({ length }) => length)), fewestTokens);
    this.#starts = Int32Array.from(prompts, ({ length }) => longest - length);
    this.#capacity = bucketOf(longest + room, fewestSlots);
    this.#caches = this.#emptyCaches();
  }

  get rows(): number {
    return this.#starts.length;
  }

  /** Slots that there are now. */
  get capacity(): number {
    return this.#capacity;
  }

  /** The logits after the prompts, B rows of V, one after the other. */
  prefill(): Promise<Float32Array> {
    const [first] = this.#prompts;
    const width = first.length + this.#starts[0];
    const ids = new Int32Array(this.rows * width);
    this.#prompts.forEach((prompt, row) => ids.set(prompt, row * width + this.#starts[row]));
    return this.#run(ids, width);
  }

  /** The logits after one more token of each row, which makes room where there is none. */
  step(ids: Int32Array): Promise<Float32Array> {
    if (this.#taken === this.#capacity) this.#grow();
    return this.#run(ids, 1);
  }

  /** Goes on with these rows, each of which may stand several times. */
  select(rows: readonly number[]): void {
    this.#starts = Int32Array.from(rows, (row) => this.#starts[row]);
    this.#replaceCaches((cache) => tf.gather(cache, tf.tensor1d([...rows], 'int32')));
  }

  dispose(): void {
    for (const cache of this.#caches) tf.dispose({ ...cache });
    this.#caches = [];
  }

  async #run(ids: Int32Array, added: number): Promise<Float32Array> {
    const { encoder } = this.#decoder;
    const { rows } = this;
    const positions = this.#positions(added);
    const length = encoder.lengthWithSamePositions(Math.max(...positions) + 1);
    const places = slotPlaces([rows, encoder.cacheHeads.numKeyValueHeads, added], this.#taken);
    const biases = this.#biases(added);
    const inputs = {
      inputIds: tf.tensor2d(ids, [rows, added], 'int32'),
      positionIds: tf.tensor2d(positions, [rows, added], 'int32'),
      places: tf.tensor3d(places, [places.length / (3 * added), added, 3], 'int32'),
    };
    const { logits, caches } = this.#decoder.run({ ...inputs, biases }, this.#caches, length);
    this.#caches = caches;
    this.#taken += added;
    tf.dispose([...Object.values(inputs), ...biases.values()]);
    const values = (await logits.data()) as Float32Array;
    logits.dispose();
    return values;
  }

  /** Of the new tokens, which count those of each row; 0 in empty slots. */
  #positions(added: number): Int32Array {
    const positions = new Int32Array(this.rows * added);
    for (let row = 0; row < this.rows; row++) {
      for (let token = 0; token < added; token++) {
        positions[row * added + token] = Math.max(0, this.#taken + token - this.#starts[row]);
      }
    }
    return positions;
  }

  /** For each window of the layers, which slots the new tokens see. */
  #biases(added: number): Map<number, tf.Tensor4D> {
    const { encoder } = this.#decoder;
    const windows = new Set(Array.from({ length: encoder.depth }, (_, layer) => encoder.windowOf(layer)));
    const shape: [number, number, number, number] = [this.rows, 1, added, this.#capacity];
    return new Map([...windows].map((window) => [window, tf.tensor4d(this.#visible(added, window), shape)]));
  }

  #visible(added: number, window: number): Float32Array {
    const bias = new Float32Array(this.rows * added * this.#capacity).fill(EXCLUDED_LOGIT);
    for (let row = 0; row < this.rows; row++) {
      for (let token = 0; token < added; token++) {
        const slot = this.#taken + token;
        const start = (row * added + token) * this.#capacity;
        const first = Math.max(this.#starts[row], slot - window + 1);
        if (first <= slot) bias.fill(0, start + first, start + slot + 1);
      }
    }
    return bias;
  }

  #emptyCaches(): KeyValueCache[] {
    const { cacheHeads, depth } = this.#decoder.encoder;
    const shape: [number, number, number, number] = [
      this.rows,
      cacheHeads.numKeyValueHeads,
      this.#capacity,
      cacheHeads.headDim,
    ];
    const empty = () => tf.tensor4d(new Float32Array(tf.util.sizeFromShape(shape)), shape);
    return Array.from({ length: depth }, () => ({ keys: empty(), values: empty() }));
  }

  /** Twice as many slots. */
  #grow(): void {
    const added = this.#capacity;
    this.#replaceCaches((cache) => tf.pad(cache, [none, none, [0, added], none]));
    this.#capacity += added;
  }

  #replaceCaches(change: (cache: tf.Tensor4D) => tf.Tensor4D): void {
    const before = this.#caches;
    this.#caches = before.map(({ keys, values }) => tf.tidy(() => ({ keys: change(keys), values: change(values) })));
    for (const cache of before) tf.dispose({ ...cache });
  }
}

const none: [number, number] = [0, 0];

/** Prompts are filled up to at least so many tokens, so that short ones are compiled once. */
const fewestTokens = 16;
const fewestSlots = 64;

/** The least power of two that holds a length, and is not below the least. */
function bucketOf(length: number, least: number): number {
  return Math.max(least, 2 ** Math.ceil(Math.log2(length)));
}
