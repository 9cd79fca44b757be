import type { Input } from './input';

/** Seeded draws for the kernel cases (mulberry32). */
export class Random {
  #state: number;

  constructor(state: number) {
    this.#state = state;
  }

  /** Uniform in [0, 1). */
  unit(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** Integer from low to high, both included. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.unit() * (high - low + 1));
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.integer(0, choices.length - 1)]!;
  }

  /** Length of an axis, from low to high. */
  size(low: number, high: number): number {
    return this.integer(low, high);
  }

  shape(minRank = 0, maxRank = 5, maxSize = 4): number[] {
    return Array.from({ length: this.integer(minRank, maxRank) }, () => this.integer(1, maxSize));
  }

  permutation(length: number): number[] {
    const order = Array.from({ length }, (_, i) => i);
    for (let i = length - 1; i > 0; i--) {
      const j = this.integer(0, i);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order;
  }

  /** Some of the axes of a rank, in order. */
  axes(rank: number): number[] {
    return Array.from({ length: rank }, (_, i) => i).filter(() => this.unit() < 0.5);
  }

  /** Two shapes that broadcast together. */
  broadcastPair(maxRank = 5): [number[], number[]] {
    const full = this.shape(0, maxRank);
    const side = () => {
      const shape = full.map((size) => (this.unit() < 0.25 ? 1 : size));
      return shape.slice(this.unit() < 0.3 ? this.integer(0, shape.length) : 0);
    };
    return [side(), side()];
  }

  /** A float tensor, uniform between the bounds. */
  floats(shape: number[], low = -3, high = 3): Input {
    return this.#input(shape, 'float32', () => Math.fround(low + this.unit() * (high - low)));
  }

  integers(shape: number[], low = -9, high = 9): Input {
    return this.#input(shape, 'int32', () => this.integer(low, high));
  }

  booleans(shape: number[]): Input {
    return this.#input(shape, 'bool', () => this.integer(0, 1));
  }

  /** A tensor of any of the types. */
  numbers(shape: number[], dtype: Input['dtype']): Input {
    if (dtype === 'float32') return this.floats(shape);
    return dtype === 'int32' ? this.integers(shape) : this.booleans(shape);
  }

  /** Floats that are all different, for kernels that compare. */
  distinct(shape: number[]): Input {
    const size = shape.reduce((product, length) => product * length, 1);
    const order = this.permutation(size);
    return { shape, dtype: 'float32', values: order.map((place) => (place - size / 2) / 4) };
  }

  #input(shape: number[], dtype: Input['dtype'], draw: () => number): Input {
    const size = shape.reduce((product, length) => product * length, 1);
    return { shape, dtype, values: Array.from({ length: size }, draw) };
  }
}
