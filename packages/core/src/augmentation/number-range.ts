import { z } from 'zod';
import type { RandomKey } from '../random-key';

/** From where to where a number is drawn. */
export type NumberRange = readonly [low: number, high: number];

/**
 * An option of an augmentation that is a {@link NumberRange} within bounds.
 *
 * ```ts
 * const config = z.object({ scale: rangeOption(0.5, 2).default([0.9, 1.1]) });
 * ```
 */
export function rangeOption(least: number, most: number) {
  const bound = z.number().min(least).max(most);
  return z
    .tuple([bound, bound])
    .readonly()
    .refine(([low, high]) => low <= high, 'two numbers, the lower one first');
}

/** A number, uniform within a range. */
export function drawWithin([low, high]: NumberRange, key: RandomKey): number {
  return low + (high - low) * key.uniform(1)[0];
}
