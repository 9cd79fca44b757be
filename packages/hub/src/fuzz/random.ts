import { RandomKey } from '@polymodal/core';

/** Draws from a seed, one after the other. */
export class Random {
  #drawn = 0;
  readonly #key: RandomKey;

  constructor(seed: number) {
    this.#key = RandomKey.from(seed);
  }

  /** An integer from 0 to below `end`. */
  below(end: number): number {
    return this.#key.fold(this.#drawn++).integer(0, end);
  }

  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)];
  }

  /** True once in `n` times. */
  oneIn(n: number): boolean {
    return this.below(n) === 0;
  }

  bytes(length: number): Uint8Array<ArrayBuffer> {
    return Uint8Array.from({ length }, () => this.below(256));
  }
}
