import { z } from 'zod';

/** Bytes of features that may stay in memory. */
export const cacheBytesSchema = z.number().nonnegative();

/** Where nothing is said of them. */
export const usualCacheBytes = 2 ** 30;

/** Bytes of features that several stores may keep in memory together. */
export class CacheBudget {
  #left: number;

  /** @param bytes that there are in all */
  constructor(readonly bytes: number) {
    this.#left = bytes;
  }

  /** Bytes that were taken. */
  get taken(): number {
    return this.bytes - this.#left;
  }

  /** Takes so many bytes, if there are as many left. */
  take(bytes: number): boolean {
    if (bytes > this.#left) return false;
    this.#left -= bytes;
    return true;
  }
}
