/** Merges that wait, the most urgent first: those of least rank and, of one rank, the leftmost. A binary heap. */
export class MergeQueue {
  readonly #keys: number[] = [];

  get length(): number {
    return this.#keys.length;
  }

  push(rank: number, position: number): void {
    const keys = this.#keys;
    const key = rank * positions + position;
    let index = keys.push(key) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (keys[parent] <= key) break;
      keys[index] = keys[parent];
      index = parent;
    }
    keys[index] = key;
  }

  pop(): { rank: number; position: number } {
    const keys = this.#keys;
    const first = keys[0];
    const last = keys.pop()!;
    if (keys.length > 0) this.#sink(last);
    const rank = Math.floor(first / positions);
    return { rank, position: first - rank * positions };
  }

  #sink(key: number): void {
    const keys = this.#keys;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= keys.length) break;
      if (child + 1 < keys.length && keys[child + 1] < keys[child]) child++;
      if (keys[child] >= key) break;
      keys[index] = keys[child];
      index = child;
    }
    keys[index] = key;
  }
}

/** More than any text has. */
const positions = 2 ** 30;
