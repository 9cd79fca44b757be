import { type HostArray, type NumericType, newArray } from './data-type';

interface Shelf {
  readonly free: HostArray[];
  lastUse: number;
}

/**
 * Keeps the arrays of disposed tensors for the next ones of the same type and size: fresh memory costs page faults,
 * which for large outputs exceed the work itself. A shelf that no run has taken from for a while is emptied.
 */
export class BufferPool {
  private readonly shelves = new Map<string, Shelf>();
  private clock = 0;

  /** @param patience runs after which unused arrays are given back to the garbage collector */
  constructor(private readonly patience = 64) {}

  /** An array whose contents are arbitrary: every element has to be written. */
  take(dtype: NumericType, size: number): HostArray {
    const shelf = this.shelves.get(dtype + size);
    if (shelf === undefined) return newArray(dtype, size);
    shelf.lastUse = this.clock;
    return shelf.free.pop() ?? newArray(dtype, size);
  }

  /** Takes back an array which nothing else refers to. */
  give(dtype: NumericType, array: HostArray): void {
    const key = dtype + array.length;
    let shelf = this.shelves.get(key);
    if (shelf === undefined) {
      shelf = { free: [], lastUse: this.clock };
      this.shelves.set(key, shelf);
    }
    shelf.free.push(array);
  }

  /** To be called once a run: lets time pass. */
  tick(): void {
    this.clock++;
    if (this.clock % this.patience !== 0) return;
    for (const [key, shelf] of this.shelves) {
      if (this.clock - shelf.lastUse >= this.patience) this.shelves.delete(key);
    }
  }

  /** Bytes of the arrays that wait for a new use. */
  get freeBytes(): number {
    let bytes = 0;
    for (const shelf of this.shelves.values()) for (const array of shelf.free) bytes += array.byteLength;
    return bytes;
  }

  /** Forgets all arrays. */
  clear(): void {
    this.shelves.clear();
  }
}
