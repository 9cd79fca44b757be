import { type Metrics, RandomKey } from '@polymodal/core';
import type { Interval } from './wilson-interval';

/** Shares of the resampled figures that lie below an interval of 95 %, and below its end. */
const [lowest, highest] = [0.025, 0.975];

/**
 * Confidence intervals of 95 % of figures over some rows: between which bounds they lie when the same number of rows is drawn from them with
 * replacement, again and again (Efron 1979, the percentile interval). The same rows give the same bounds. A figure that fewer than half
 * of the draws have, as one of a class that hardly occurs, has none.
 *
 * @param count     of rows
 * @param resamples how often rows are drawn
 * @param figuresOf the figures over rows at some indices
 */
export function bootstrapIntervals(
  count: number,
  resamples: number,
  figuresOf: (rows: readonly number[]) => Metrics,
): Record<string, Interval> {
  const key = RandomKey.from(0).fold('bootstrap');
  const drawn = new Map<string, number[]>();
  for (let round = 0; round < resamples; round++) {
    const shares = key.fold(round).uniform(count);
    const rows = Array.from(shares, (share) => Math.min(Math.floor(share * count), count - 1));
    for (const [name, value] of Object.entries(figuresOf(rows))) {
      if (!Number.isFinite(value)) continue;
      const values = drawn.get(name);
      if (values) values.push(value);
      else drawn.set(name, [value]);
    }
  }
  const intervals: Record<string, Interval> = {};
  for (const [name, values] of drawn) {
    if (values.length < resamples / 2) continue;
    const sorted = Float64Array.from(values).sort();
    intervals[name] = { low: quantile(sorted, lowest), high: quantile(sorted, highest) };
  }
  return intervals;
}

/** By linear interpolation. */
function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}
