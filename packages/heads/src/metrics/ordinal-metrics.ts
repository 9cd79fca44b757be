import type { Metrics } from '@polymodal/core';

/** The grade that was predicted for a row, and the true one. */
export interface GradedRow {
  readonly predicted: number;
  readonly actual: number;
}

/**
 * Accuracy, how many grades answers are off on average (`mae`), and quadratically weighted κ (Cohen 1968), where both vary. No rows give no
 * figures.
 */
export function ordinalMetrics(rows: readonly GradedRow[]): Metrics {
  if (rows.length === 0) return {};
  const mean = (figure: (row: GradedRow) => number) => rows.reduce((sum, row) => sum + figure(row), 0) / rows.length;
  const squared = mean(({ predicted, actual }) => (predicted - actual) ** 2);
  // The same of answers and truths that are put together by chance: E(p²) − 2 E(p) E(a) + E(a²).
  const byChance =
    mean(({ predicted }) => predicted ** 2) -
    2 * mean(({ predicted }) => predicted) * mean(({ actual }) => actual) +
    mean(({ actual }) => actual ** 2);
  return {
    accuracy: mean(({ predicted, actual }) => Number(predicted === actual)),
    mae: mean(({ predicted, actual }) => Math.abs(predicted - actual)),
    ...(byChance > 1e-12 && { quadraticKappa: 1 - squared / byChance }),
  };
}
