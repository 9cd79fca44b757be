import type { Metrics } from '@polymodal/core';

/** A row that is asked for, or not, and how likely it was said to be. */
export interface ScoredRow {
  readonly score: number;
  readonly isPositive: boolean;
}

/**
 * Area under the ROC curve and average precision, each averaged over several questions; a question to which all rows, or none, are
 * the answer has neither.
 */
export function rankingMetrics(questions: readonly (readonly ScoredRow[])[]): Metrics {
  const sorted = questions.map(sortScores).filter(({ positive, negative }) => positive.length * negative.length > 0);
  if (sorted.length === 0) return {};
  const mean = (figure: (scores: SortedScores) => number) =>
    sorted.reduce((sum, scores) => sum + figure(scores), 0) / sorted.length;
  return { auroc: mean(rocArea), averagePrecision: mean(averagePrecision) };
}

/** Scores of rows that are asked for and of others, ascending. */
interface SortedScores {
  readonly positive: Float64Array;
  readonly negative: Float64Array;
}

function sortScores(rows: readonly ScoredRow[]): SortedScores {
  const scores = (wanted: boolean) =>
    Float64Array.from(rows.flatMap(({ score, isPositive }) => (isPositive === wanted ? [score] : []))).sort();
  return { positive: scores(true), negative: scores(false) };
}

/** How probable it is that a row that is asked for scores above one that is not; a tie counts half (Mann and Whitney 1947). */
function rocArea({ positive, negative }: SortedScores): number {
  let [below, upTo, sum] = [0, 0, 0];
  for (const score of positive) {
    while (below < negative.length && negative[below] < score) below++;
    upTo = Math.max(upTo, below);
    while (upTo < negative.length && negative[upTo] <= score) upTo++;
    sum += (below + upTo) / 2;
  }
  return sum / (positive.length * negative.length);
}

/** Σ (R_n − R_{n−1}) P_n over the thresholds, without interpolation (as scikit-learn's `average_precision_score`). */
function averagePrecision({ positive, negative }: SortedScores): number {
  let [found, wrong, sum] = [0, 0, 0];
  while (found < positive.length) {
    const threshold = positive[positive.length - 1 - found];
    const before = found;
    while (found < positive.length && positive[positive.length - 1 - found] >= threshold) found++;
    while (wrong < negative.length && negative[negative.length - 1 - wrong] >= threshold) wrong++;
    sum += ((found - before) / positive.length) * (found / (found + wrong));
  }
  return sum;
}
