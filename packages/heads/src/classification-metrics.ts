import type { Metrics } from '@polymodal/core';

/** What was predicted for a row, and its class. */
export interface ClassifiedRow {
  readonly predicted: number;
  readonly actual: number;
  /** That the prediction gave to the actual class. */
  readonly probability: number;
}

/**
 * Accuracy, mean cross-entropy in nats, and F1 averaged over the classes that occur (as prediction or as truth). No rows
 * give no figures.
 */
export function classificationMetrics(rows: readonly ClassifiedRow[]): Metrics {
  if (rows.length === 0) return {};
  const correct = rows.filter(({ predicted, actual }) => predicted === actual).length;
  const surprise = rows.reduce((sum, row) => sum - Math.log(Math.max(row.probability, Number.MIN_VALUE)), 0);
  return { accuracy: correct / rows.length, crossEntropy: surprise / rows.length, macroF1: macroF1(rows) };
}

function macroF1(rows: readonly ClassifiedRow[]): number {
  const classes = [...new Set(rows.flatMap(({ predicted, actual }) => [predicted, actual]))];
  const scores = classes.map((label) => {
    const hits = rows.filter((row) => row.predicted === label && row.actual === label).length;
    const predicted = rows.filter((row) => row.predicted === label).length;
    const actual = rows.filter((row) => row.actual === label).length;
    return (2 * hits) / (predicted + actual);
  });
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
}
