import type { RandomKey } from '@polymodal/core';

/** An interval [low, high]. */
export type Range = readonly [low: number, high: number];

/** One number, uniform in `range`. */
export function uniformIn([low, high]: Range, key: RandomKey): number {
  return low + (high - low) * key.uniform(1)[0];
}
