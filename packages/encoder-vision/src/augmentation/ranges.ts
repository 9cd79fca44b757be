import type { RandomKey } from '@polymodal/core';
import { z } from 'zod';

/** From where to where a number is drawn. */
export type Range = readonly [low: number, high: number];

/** An option that is a {@link Range} within bounds. */
export function rangeOption(least: number, most: number) {
  const bound = z.number().min(least).max(most);
  return z
    .tuple([bound, bound])
    .readonly()
    .refine(([low, high]) => low <= high, 'two numbers, the lower one first');
}

/** A number, uniform within a range. */
export function drawWithin([low, high]: Range, key: RandomKey): number {
  return low + (high - low) * key.uniform(1)[0];
}

/** A number whose logarithm is uniform: half as often below 1 as above it, where the range is from 1 / x to x. */
export function drawRatio([low, high]: Range, key: RandomKey): number {
  return Math.exp(drawWithin([Math.log(low), Math.log(high)], key));
}
