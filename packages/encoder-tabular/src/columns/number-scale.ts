import { SampleError } from '@polymodal/core';
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
 *
 * @throws SampleError for one that float32, in which models compute, does not hold
 */
export function scaled(value: number, learned: LearnedScale): number {
  const seen = unbounded(value, learned);
  if (Number.isFinite(Math.fround(seen))) return seen;
  throw new SampleError({
    expected: 'a number that is at most 3.4e38 as the model sees it',
    received: `${value}, which becomes ${seen}`,
    hint: 'Scale the column by rank (scale: "quantile"), or look whether the cell is wrong.',
  });
}

function unbounded(value: number, learned: LearnedScale): number {
  if ('quantiles' in learned) return normalScore(value, learned as LearnedQuantiles);
  if ('mean' in learned) return (value - learned.mean) / learned.deviation;
  return value;
}

/** Learns how to scale numbers. */
export function scaleLearning(scale: NumberScale): ColumnLearning<number, LearnedScale> {
  if (scale === 'quantile') return new QuantileLearning();
  return scale === 'standard' ? new MomentLearning() : new NoLearning();
}

/**
 * Mean and deviation of numbers that come one after the other (Welford 1962). The deviation is carried on, not the sum of squares, so that
 * numbers beyond 1e154, or below 1e-162, have one too.
 */
class MomentLearning implements ColumnLearning<number, LearnedScale> {
  #count = 0;
  #mean = 0;
  #deviation = 0;

  add(value: number): void {
    const before = value - this.#mean;
    if (!Number.isFinite(before)) {
      throw new SampleError({ expected: 'numbers at most 1.8e308 apart', received: `${value}, and others` });
    }
    const count = ++this.#count;
    this.#mean += before / count;
    const [old, own] = [this.#deviation * Math.sqrt((count - 1) / count), before * (Math.sqrt(count - 1) / count)];
    this.#deviation = Math.hypot(old, own);
  }

  /** The deviation is that of the population; 1 where nothing varies. */
  end() {
    if (this.#count === 0) return undefined;
    return { mean: this.#mean, deviation: this.#deviation || 1 };
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
