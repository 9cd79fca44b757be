import { z } from 'zod';
import type { ColumnLearning } from './column';
import { type LearnedQuantiles, learnedQuantiles, normalScore, QuantileLearning } from './quantile-scale';

/** How numbers are scaled; see {@link scaled}. */
export const numberScales = ['quantile', 'standard', 'none'] as const;

/** One of {@link numberScales}. */
export type NumberScale = (typeof numberScales)[number];

/** What training teaches of a column of numbers. */
export const learnedScale = z.union([
  z.strictObject({ mean: z.number(), deviation: z.number().positive() }),
  learnedQuantiles,
  z.strictObject({}),
]);

/** What {@link scaled} goes by. */
export type LearnedScale = z.output<typeof learnedScale>;

/**
 * A number as the model sees it. `standard`: (x − mean) / deviation. `quantile`: the normal score of its rank among the training
 * values, so that neither outliers nor the unit matter, nor whether it stands as a logarithm. `none`: as it is.
 */
export function scaled(value: number, learned: LearnedScale): number {
  if ('quantiles' in learned) return normalScore(value, learned as LearnedQuantiles);
  if ('mean' in learned) return (value - learned.mean) / learned.deviation;
  return value;
}

/** Learns how to scale numbers. */
export function scaleLearning(scale: NumberScale): ColumnLearning<number, LearnedScale> {
  if (scale === 'quantile') return new QuantileLearning();
  return scale === 'standard' ? new MomentLearning() : new NoLearning();
}

/** Mean and deviation of numbers that come one after the other (Welford 1962). */
class MomentLearning implements ColumnLearning<number, LearnedScale> {
  #count = 0;
  #mean = 0;
  #squares = 0;

  add(value: number): void {
    this.#count++;
    const before = value - this.#mean;
    this.#mean += before / this.#count;
    this.#squares += before * (value - this.#mean);
  }

  /** The deviation is that of the population; 1 where nothing varies. */
  end() {
    if (this.#count === 0) return undefined;
    return { mean: this.#mean, deviation: Math.sqrt(this.#squares / this.#count) || 1 };
  }
}

/** Knows only whether there was a value at all. */
class NoLearning implements ColumnLearning<number, LearnedScale> {
  #seen = false;

  add(): void {
    this.#seen = true;
  }

  end() {
    return this.#seen ? {} : undefined;
  }
}
