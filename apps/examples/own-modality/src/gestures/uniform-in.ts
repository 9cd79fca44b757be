import type { RandomKey } from '@polymodal/core';

/** A number, uniform in [low, high). */
export function uniformIn(key: RandomKey, low: number, high: number): number {
  return low + (high - low) * key.uniform(1)[0];
}
