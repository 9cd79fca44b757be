import type { Metrics } from '@polymodal/core';
import { rankingMetrics, type ScoredRow } from './ranking-metrics';

/** What was said of one label of a row, of which it is known whether the row has it. */
export interface JudgedLabel extends ScoredRow {
  /** Whether it was said to have it. */
  readonly isSaid: boolean;
}

/** Of more labels no figures of each by itself are made. */
const mostAlone = 20;

/**
 * Of the rows whose labels are all known the share for which all are right (`accuracy`, the strictest); F1 over all labels together
 * and averaged over those that occur; area under the ROC curve and average precision, averaged over the labels. Up to 20 labels have
 * their own F1. Nothing known gives no figures.
 *
 * @param rows   by label index, what is known of a row
 * @param labels their names
 */
export function multiLabelMetrics(
  rows: readonly (readonly (JudgedLabel | undefined)[])[],
  labels: readonly string[],
): Metrics {
  const byLabel = labels.map((_, index) => rows.flatMap((row) => row[index] ?? []));
  if (byLabel.every((own) => own.length === 0)) return {};
  const whole = rows.filter((row) => row.every((own) => own !== undefined));
  const right = whole.filter((row) => row.every((own) => own?.isSaid === own?.isPositive));
  const scores = byLabel.map(f1);
  const occurring = scores.flatMap((score) => score ?? []);
  const ofAll = f1(byLabel.flat());
  return {
    ...(whole.length > 0 && { accuracy: right.length / whole.length }),
    ...(ofAll !== undefined && { microF1: ofAll }),
    ...(occurring.length > 0 && { macroF1: occurring.reduce((sum, score) => sum + score, 0) / occurring.length }),
    ...rankingMetrics(byLabel),
    ...(labels.length <= mostAlone &&
      Object.fromEntries(
        labels.flatMap((label, index) => (scores[index] === undefined ? [] : [[`${label} F1`, scores[index]]])),
      )),
  };
}

/** `undefined` where no row has the label, and none is said to. */
function f1(rows: readonly JudgedLabel[]): number | undefined {
  const hits = rows.filter(({ isSaid, isPositive }) => isSaid && isPositive).length;
  const said = rows.filter(({ isSaid }) => isSaid).length;
  const actual = rows.filter(({ isPositive }) => isPositive).length;
  return said + actual === 0 ? undefined : (2 * hits) / (said + actual);
}
