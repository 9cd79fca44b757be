import { RandomKey } from '@polymodal/core';
import { z } from 'zod';
import type { ColumnLearning } from './column';
import { inverseNormal } from './inverse-normal';

/** Values of training at equal steps of rank, ascending. */
export const learnedQuantiles = z.strictObject({ quantiles: z.array(z.number()).min(1) });

export type LearnedQuantiles = z.output<typeof learnedQuantiles>;

/** Values of a column that are kept to learn from: of more, as many that were drawn by chance. */
const mostKept = 100_000;
/** Ranks nearer to 0 or 1 than this are taken for it: what lies beyond the training values is 5.2 deviations away. */
const nearest = 1e-7;

/**
 * The normal score of a value: its rank among the training values, from 0 to 1, through the inverse of the normal distribution
 * (scikit-learn's `QuantileTransformer` with `output_distribution='normal'`). Of equal quantiles it is the middle rank.
 */
export function normalScore(value: number, { quantiles }: LearnedQuantiles): number {
  const last = quantiles.length - 1;
  if (last === 0 || quantiles[0] === quantiles[last]) return 0; // nothing varies: it has no rank
  if (value <= quantiles[0]) return inverseNormal(nearest);
  if (value >= quantiles[last]) return inverseNormal(1 - nearest);
  const rank = (lowRank(value, quantiles) + highRank(value, quantiles)) / 2 / last;
  return inverseNormal(Math.min(Math.max(rank, nearest), 1 - nearest));
}

/** Where among the quantiles a value lies, in steps; of equal ones the first. */
function lowRank(value: number, quantiles: readonly number[]): number {
  const above = firstIndex(quantiles, (quantile) => quantile >= value);
  return between(value, quantiles, above);
}

/** The same; of equal ones the last. */
function highRank(value: number, quantiles: readonly number[]): number {
  const above = firstIndex(quantiles, (quantile) => quantile > value);
  return between(value, quantiles, above);
}

function between(value: number, quantiles: readonly number[], above: number): number {
  const [low, high] = [quantiles[above - 1], quantiles[above]];
  const range = high - low;
  const share = Number.isFinite(range) ? (value - low) / range : (value / 2 - low / 2) / (high / 2 - low / 2);
  return above - 1 + share;
}

/** Of an ascending list, by halving. */
function firstIndex(values: readonly number[], holds: (value: number) => boolean): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(values[middle])) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Quantiles of numbers that come one after the other, in bounded memory (Vitter 1985, algorithm R). */
export class QuantileLearning implements ColumnLearning<number, LearnedQuantiles> {
  readonly #kept: number[] = [];
  readonly #key = RandomKey.from(0).fold('quantiles');
  #count = 0;

  add(value: number): void {
    const place = this.#count < mostKept ? this.#count : this.#key.fold(this.#count).integer(0, this.#count + 1);
    if (place < mostKept) this.#kept[place] = value;
    this.#count++;
  }

  /** One for 30 values, at least 10 and at most 1000, as FT-Transformer's authors take them. */
  end() {
    if (this.#count === 0) return undefined;
    const sorted = Float64Array.from(this.#kept).sort();
    const steps = Math.min(sorted.length, Math.max(10, Math.min(1000, Math.floor(sorted.length / 30))));
    const quantiles = Array.from({ length: steps }, (_, step) => quantileOf(sorted, step / Math.max(steps - 1, 1)));
    return { quantiles };
  }
}

/** By linear interpolation, as numpy's. */
function quantileOf(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  const [low, high, part] = [sorted[below], sorted[above], place - below];
  const range = high - low;
  return Number.isFinite(range) ? low + part * range : low * (1 - part) + high * part;
}
