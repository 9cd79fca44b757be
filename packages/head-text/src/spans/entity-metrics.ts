import type { Metrics } from '@polymodal/core';
import type { LabelledSpan } from './tags';

/** The spans of a text that were found, and those that there are. */
export interface JudgedSpans {
  readonly predicted: readonly LabelledSpan[];
  readonly actual: readonly LabelledSpan[];
}

/** Of more labels no figures of each by itself are made. */
const mostAlone = 20;

/**
 * Precision, recall and F1 of whole spans, of all labels together and averaged over those that occur (`seqeval`): one is right if it begins
 * and ends where an actual one of its label does. Up to 20 labels have their own F1. What is a share of nothing is left out.
 */
export function entityMetrics(rows: readonly JudgedSpans[], labels: readonly string[]): Metrics {
  const counts = new Map(labels.map((label) => [label, { right: 0, predicted: 0, actual: 0 }]));
  for (const { predicted, actual } of rows) {
    const keys = new Set(actual.map(keyOf));
    for (const { label } of actual) counts.get(label)!.actual++;
    for (const span of predicted) {
      const own = counts.get(span.label)!;
      own.predicted++;
      if (keys.has(keyOf(span))) own.right++;
    }
  }
  const all = [...counts.values()].reduce((sum, own) => ({
    right: sum.right + own.right,
    predicted: sum.predicted + own.predicted,
    actual: sum.actual + own.actual,
  }));
  const occurring = [...counts].filter(([, { predicted, actual }]) => predicted + actual > 0);
  const mean = occurring.reduce((sum, [, own]) => sum + f1(own), 0) / occurring.length;
  return {
    ...(all.predicted > 0 && { precision: all.right / all.predicted }),
    ...(all.actual > 0 && { recall: all.right / all.actual }),
    ...(occurring.length > 0 && { f1: f1(all), macroF1: mean }),
    ...(labels.length <= mostAlone && Object.fromEntries(occurring.map(([label, own]) => [`${label} F1`, f1(own)]))),
  };
}

function keyOf({ start, end, label }: LabelledSpan): string {
  return `${start} ${end} ${label}`;
}

function f1({ right, predicted, actual }: { right: number; predicted: number; actual: number }): number {
  return (2 * right) / (predicted + actual);
}
