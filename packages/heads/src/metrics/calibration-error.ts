/** An answer: how sure it was, and whether it was right. */
export interface SureAnswer {
  readonly probability: number;
  readonly isRight: boolean;
}

const bins = 15;

/**
 * Expected calibration error (Guo et al. 2017, eq. 3): how far shares of right answers lie from what probabilities say, over 15 bins of
 * equal width, each counting as much as it holds answers.
 */
export function calibrationError(answers: readonly SureAnswer[]): number {
  const sums = new Float64Array(bins); // of probability − rightness
  for (const { probability, isRight } of answers) {
    const bin = Math.min(Math.max(Math.ceil(probability * bins) - 1, 0), bins - 1); // (0, 1/15], (1/15, 2/15], …
    sums[bin] += probability - Number(isRight);
  }
  return sums.reduce((sum, difference) => sum + Math.abs(difference), 0) / answers.length;
}
