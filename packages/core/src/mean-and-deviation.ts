/**
 * Mean and deviation of numbers that come one after the other (Welford 1962): what processors learn that scale numbers. The deviation is
 * carried on, not the sum of squares, so that numbers beyond 1e154, or below 1e-162, have one too.
 */
export class MeanAndDeviation {
  #count = 0;
  #mean = 0;
  #deviation = 0;

  add(value: number): void {
    const before = value - this.#mean;
    const count = ++this.#count;
    this.#mean += before / count;
    const [old, own] = [this.#deviation * Math.sqrt((count - 1) / count), before * (Math.sqrt(count - 1) / count)];
    this.#deviation = Math.hypot(old, own);
  }

  /** How many there were. */
  get count(): number {
    return this.#count;
  }

  /** 0 of none. */
  get mean(): number {
    return this.#mean;
  }

  /** Of the population; 1 where nothing varies, so that it can be divided by. */
  get deviation(): number {
    return this.#deviation || 1;
  }
}
