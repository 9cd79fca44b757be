import { type HostArray, type NumericType, newArray } from './data-type';

interface Shelf {
  readonly free: HostArray[];
  lastUse: number;
}

/**
 * Keeps the arrays of disposed tensors for the next ones of the same type and size: fresh memory costs page faults,
 * which for large outputs exceed the work itself. A shelf that no run has taken from for a while is emptied, and where
 * sizes keep changing no more is kept than a run takes.
 */
export class BufferPool {
  /** In the order of use, the last one used at the end. */
  readonly #shelves = new Map<string, Shelf>();
  #clock = 0;
  #free = 0;
  /** Bytes taken since the last run, and the most that a run took, of late and in the time before. */
  #taken = 0;
  #most = 0;
  #mostBefore = 0;

  readonly #patience: number;

  /** @param patience runs after which unused arrays are given back to the garbage collector */
  constructor(patience = 64) {
    this.#patience = patience;
  }

  /** An array whose contents are arbitrary: every element has to be written. */
  take(dtype: NumericType, size: number): HostArray {
    const key = dtype + size;
    const shelf = this.#shelves.get(key);
    const array = shelf?.free.pop();
    if (shelf !== undefined) {
      shelf.lastUse = this.#clock;
      this.#shelves.delete(key);
      this.#shelves.set(key, shelf);
    }
    if (array !== undefined) this.#free -= array.byteLength;
    const taken = array ?? newArray(dtype, size);
    this.#taken += taken.byteLength;
    return taken;
  }

  /** Takes back an array which nothing else refers to. */
  give(dtype: NumericType, array: HostArray): void {
    const key = dtype + array.length;
    let shelf = this.#shelves.get(key);
    if (shelf === undefined) {
      shelf = { free: [], lastUse: this.#clock };
      this.#shelves.set(key, shelf);
    }
    shelf.free.push(array);
    this.#free += array.byteLength;
  }

  /** To be called once a run: lets time pass. */
  tick(): void {
    this.#clock++;
    this.#most = Math.max(this.#most, this.#taken);
    this.#taken = 0;
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

  /** Bytes of the arrays that wait for a new use. */
  get freeBytes(): number {
    return this.#free;
  }

  /** Forgets all arrays. */
  clear(): void {
    for (const key of this.#shelves.keys()) this.#empty(key);
  }

  #empty(key: string): void {
    for (const { byteLength } of this.#shelves.get(key)!.free) this.#free -= byteLength;
    this.#shelves.delete(key);
  }
}
