import type { Metrics } from '@polymodal/core';
import { calibrationError } from './calibration-error';
import { rankingMetrics } from './ranking-metrics';

/** What was predicted for a row, and its class. */
export interface ClassifiedRow {
  readonly predicted: number;
  readonly actual: number;
  /** Of every class. */
  readonly probabilities: readonly number[];
}

/** Of more classes no figures of each by itself are made: nobody reads so many, and each is sorted for. */
const mostAlone = 20;

/**
 * Accuracy, mean cross-entropy in nats, F1 averaged over the classes that occur (as prediction or as truth), recall averaged over those
 * that do as truth (`balancedAccuracy`), and how far probabilities lie from shares (`ece`). Of up to 20 classes also the area under the
 * ROC curve and average precision, of the second of two classes, or averaged over each against the rest; and each one's F1. No rows
 * give no figures.
 */
export function classificationMetrics(rows: readonly ClassifiedRow[], labels: readonly string[]): Metrics {
  if (rows.length === 0) return {};
  const counts = labels.map(() => ({ hits: 0, predicted: 0, actual: 0 }));
  for (const { predicted, actual } of rows) {
    counts[predicted].predicted++;
    counts[actual].actual++;
    if (predicted === actual) counts[actual].hits++;
  }
  const surprise = rows.map(
    ({ probabilities, actual }) => -Math.log(Math.max(probabilities[actual], Number.MIN_VALUE)),
  );
  const occurring = counts.filter(({ predicted, actual }) => predicted + actual > 0);
  const actual = counts.filter((own) => own.actual > 0);
  return {
    accuracy: mean(rows.map((row) => Number(row.predicted === row.actual))),
    crossEntropy: mean(surprise),
    macroF1: mean(occurring.map(f1)),
    balancedAccuracy: mean(actual.map((own) => own.hits / own.actual)),
    ece: calibrationError(
      rows.map(({ predicted, actual, probabilities }) => ({
        probability: probabilities[predicted],
        isRight: predicted === actual,
      })),
    ),
    ...(labels.length <= mostAlone && {
      ...rankingMetrics(classesAlone(rows, labels)),
      ...Object.fromEntries(labels.flatMap((label, index) => f1Of(label, counts[index]))),
    }),
  };
}

interface ClassCounts {
  readonly hits: number;
  readonly predicted: number;
  readonly actual: number;
}

function f1({ hits, predicted, actual }: ClassCounts): number {
  return (2 * hits) / (predicted + actual);
}

function f1Of(label: string, counts: ClassCounts): [string, number][] {
  return counts.predicted + counts.actual > 0 ? [[`${label} F1`, f1(counts)]] : [];
}

/** Of two classes the second, of more each against the rest. */
function classesAlone(rows: readonly ClassifiedRow[], labels: readonly string[]) {
  const asked = labels.length === 2 ? [1] : [...labels.keys()];
  return asked.map((index) =>
    rows.map(({ probabilities, actual }) => ({ score: probabilities[index], isPositive: actual === index })),
  );
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
