/** How probable a label was said to be, and whether the row has it. */
export interface LabelledScore {
  readonly score: number;
  readonly isPositive: boolean;
}

/**
 * The threshold from which on a label is to be said, so that its F1 is best: halfway between the last score that is said and the first
 * that is not. Where no row has the label, or none lacks it, nothing speaks against 0.5.
 */
export function fitThreshold(rows: readonly LabelledScore[]): number {
  const positives = rows.filter(({ isPositive }) => isPositive).length;
  if (positives === 0 || positives === rows.length) return 0.5;
  const sorted = [...rows].sort((a, b) => b.score - a.score);
  let [best, threshold, hits] = [-1, 0.5, 0];
  sorted.forEach(({ score, isPositive }, index) => {
    hits += Number(isPositive);
    const next = sorted[index + 1]?.score ?? 0;
    const f1 = (2 * hits) / (index + 1 + positives);
    if (next === score || f1 <= best) return;
    [best, threshold] = [f1, (score + next) / 2];
  });
  return threshold;
}
