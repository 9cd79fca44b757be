import type { RandomKey } from '@polymodal/core';

/** An integer from `first` to `last`: drawn with a key, the middle one without. */
export function choose(first: number, last: number, key: RandomKey | undefined): number {
  return key ? key.integer(first, last + 1) : first + ((last - first + 1) >> 1);
}
