import { MeanAndDeviation, SampleError } from '@polymodal/core';
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

/** Learns mean and deviation. */
class MomentLearning implements ColumnLearning<number, LearnedScale> {
  readonly #numbers = new MeanAndDeviation();

  add(value: number): void {
    if (!Number.isFinite(value - this.#numbers.mean)) {
      throw new SampleError({ expected: 'numbers at most 1.8e308 apart', received: `${value}, and others` });
    }
    this.#numbers.add(value);
  }

  end() {
    const { count, mean, deviation } = this.#numbers;
    return count === 0 ? undefined : { mean, deviation };
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
