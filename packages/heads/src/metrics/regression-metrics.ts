import type { Metrics } from '@polymodal/core';

/** What was predicted for a row, and what is true. */
export interface EstimatedRow {
  readonly predicted: number;
  readonly actual: number;
}

/**
 * Mean absolute error and its median and 90 % quantile, root of the mean squared error, and R², the share of the variance that is
 * explained, where there is a variance. No rows give no figures.
 */
export function regressionMetrics(rows: readonly EstimatedRow[]): Metrics {
  if (rows.length === 0) return {};
  const errors = Float64Array.from(rows, ({ predicted, actual }) => Math.abs(predicted - actual)).sort();
  const mean = rows.reduce((sum, { actual }) => sum + actual, 0) / rows.length;
  const squared = errors.reduce((sum, error) => sum + error * error, 0);
  const variance = rows.reduce((sum, { actual }) => sum + (actual - mean) ** 2, 0);
  const varies = rows.some(({ actual }) => actual !== rows[0].actual); // the variance of equal ones is rounding
  return {
    mae: errors.reduce((sum, error) => sum + error, 0) / rows.length,
    rmse: Math.sqrt(squared / rows.length),
    ...(varies && variance > 0 && { r2: 1 - squared / variance }),
    medianError: quantile(errors, 0.5),
    p90Error: quantile(errors, 0.9),
  };
}

/** By linear interpolation, as numpy's. */
function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}
