import { arrayOver, byteLengthOf, type HostArray, type NumericType } from './data-type';

interface Shelf {
  readonly free: ArrayBufferLike[];
  lastUse: number;
}

/**
 * Keeps the memory of disposed tensors for the next ones of about the same size, whatever their type: fresh memory costs page
 * faults, which for large outputs exceed the work itself. A shelf that no step has taken from for a while is emptied, and where
 * sizes keep changing no more is kept than a step needs at once.
 */
export class BufferPool {
  /** By the bytes of their buffers, in the order of use, the last one used at the end. */
  readonly #shelves = new Map<number, Shelf>();
  /** Buffers that the pool has made, of which arrays need not take the whole. */
  readonly #own = new WeakSet<ArrayBufferLike>();
  #clock = 0;
  #free = 0;
  /** Bytes taken since the last step and not given back, the most that they were, and the most in a step, of late and in the time before. */
  #taken = 0;
  #peak = 0;
  #most = 0;
  #mostBefore = 0;

  readonly #patience: number;

  /** @param patience steps after which unused memory is given back to the garbage collector */
  constructor(patience = 64) {
    this.#patience = patience;
  }

  /** An array whose contents are arbitrary: every element has to be written. */
  take(dtype: NumericType, size: number): HostArray {
    const wanted = capacityFor(byteLengthOf(dtype, size));
    const buffer = this.#takeFree(wanted) ?? this.#make(wanted);
    this.#taken += buffer.byteLength;
    this.#peak = Math.max(this.#peak, this.#taken);
    return arrayOver(buffer, dtype, size);
  }

  /** The smallest that is free and large enough, but not much larger. */
  #takeFree(wanted: number): ArrayBufferLike | undefined {
    const largest = wanted <= largestExact ? wanted : wanted * mostWaste;
    let found = Number.POSITIVE_INFINITY;
    for (const [capacity, { free }] of this.#shelves) {
      if (capacity >= wanted && capacity <= largest && capacity < found && free.length > 0) found = capacity;
    }
    const shelf = this.#shelves.get(found);
    if (shelf === undefined) return undefined;
    shelf.lastUse = this.#clock;
    this.#shelves.delete(found);
    this.#shelves.set(found, shelf);
    this.#free -= found;
    return shelf.free.pop();
  }

  #make(capacity: number): ArrayBuffer {
    const buffer = new ArrayBuffer(capacity);
    this.#own.add(buffer);
    return buffer;
  }

  /** Takes back an array which nothing else refers to. A part of memory that is not the pool's is left to the garbage collector. */
  give({ buffer, byteLength }: HostArray): void {
    const capacity = buffer.byteLength;
    if (capacity !== byteLength && !this.#own.has(buffer)) return;
    let shelf = this.#shelves.get(capacity);
    if (shelf === undefined) {
      shelf = { free: [], lastUse: this.#clock };
      this.#shelves.set(capacity, shelf);
    }
    shelf.free.push(buffer);
    this.#free += capacity;
    this.#taken = Math.max(0, this.#taken - capacity);
  }

  /** To be called once a step, which may be several runs: lets time pass. */
  tick(): void {
    this.#clock++;
    this.#most = Math.max(this.#most, this.#peak);
    this.#taken = this.#peak = 0;
    if (this.#clock % this.#patience === 0) {
      for (const [key, { lastUse }] of this.#shelves) if (this.#clock - lastUse >= this.#patience) this.#empty(key);
      this.#mostBefore = this.#most;
      this.#most = 0;
    }
    const bound = Math.max(this.#most, this.#mostBefore);
    for (const key of this.#shelves.keys()) {
      if (this.#free <= bound) break;
      this.#empty(key);
    }
  }

  /** Bytes that wait for a new use. */
  get freeBytes(): number {
    return this.#free;
  }

  /** Forgets all memory. */
  clear(): void {
    for (const key of this.#shelves.keys()) this.#empty(key);
  }

  #empty(key: number): void {
    this.#free -= key * this.#shelves.get(key)!.free.length;
    this.#shelves.delete(key);
  }
}

/** Buffers up to this size have as many bytes as their array. */
const largestExact = 2 ** 12;
/** Larger ones come in so many sizes from one power of two to the next, so that sequences of about one length share them. */
const sizesOfAnOctave = 8;
/** How many times as large as asked for a free buffer may be. */
const mostWaste = 2;

function capacityFor(bytes: number): number {
  if (bytes <= largestExact) return bytes;
  const step = 2 ** Math.floor(Math.log2(bytes)) / sizesOfAnOctave;
  return Math.ceil(bytes / step) * step;
}
