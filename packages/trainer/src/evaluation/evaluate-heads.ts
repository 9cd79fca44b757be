import type { Metrics, Model, Prediction, Targets } from '@polymodal/core';
import { type Interval, wilsonInterval } from './wilson-interval';

/** How well one head does. */
export interface HeadFigures {
  /** Samples that the head answered and that have targets. */
  readonly count: number;
  readonly metrics: Metrics;
  /** 95 % Wilson intervals of those metrics that are a share of the samples: every accuracy. */
  readonly intervals: Readonly<Record<string, Interval>>;
}

/** Figures by head. */
export type ModelFigures = Readonly<Record<string, HeadFigures>>;

/** What each head reports of its own answers; heads without figures, or without an answer, are left out. */
export function evaluateHeads(
  model: Model,
  predictions: readonly Prediction[],
  targets: readonly (Targets | undefined)[],
): ModelFigures {
  const figures: Record<string, HeadFigures> = {};
  for (const [name, head] of Object.entries(model.heads)) {
    const rows = predictions.flatMap((prediction, row) => (name in prediction ? [row] : []));
    if (rows.length === 0 || !head.evaluate) continue;
    const metrics = head.evaluate(
      rows.map((row) => predictions[row][name]),
      rows.map((row) => targets[row]),
    );
    const count = metrics.count ?? rows.filter((row) => targets[row] !== undefined).length;
    const shares = Object.entries(metrics).filter(([metric]) => /accuracy$/i.test(metric));
    const intervals = shares.map(([metric, share]) => [metric, wilsonInterval(share, count)]);
    figures[name] = { count, metrics, intervals: Object.fromEntries(intervals) };
  }
  return figures;
}
