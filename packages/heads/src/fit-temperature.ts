/** Probabilities that were given to the classes of a row, and which it is. */
export interface AnsweredRow {
  readonly actual: number;
  readonly probabilities: readonly number[];
}

/** A temperature beyond which nothing is left of an answer, or nothing of its doubt. */
const furthest = 100;
/** Halvings of an interval of logarithms from −4.6 to 4.6: to 10⁻⁹. */
const steps = 34;

/**
 * The temperature by which logits are to be divided so that the cross-entropy of the answers is least (Guo et al. 2017, section 4.2). In
 * 1 / T it is convex, so that the place where its slope is 0 is found by halving. Without rows it is 1, and where all answers are right: of those there is no least, and a
 * model that were as sure as they are right would never doubt again.
 */
export function fitTemperature(rows: readonly AnsweredRow[]): number {
  if (rows.every(isRight)) return 1;
  const logits = rows.map(({ probabilities }) =>
    probabilities.map((probability) => Math.log(Math.max(probability, Number.MIN_VALUE))),
  );
  let [low, high] = [-Math.log(furthest), Math.log(furthest)];
  for (let step = 0; step < steps; step++) {
    const middle = (low + high) / 2;
    const isTooSure = slope(logits, rows, Math.exp(middle)) > 0;
    if (isTooSure) high = middle;
    else low = middle;
  }
  return 1 / Math.exp((low + high) / 2);
}

function isRight({ actual, probabilities }: AnsweredRow): boolean {
  return probabilities.every((probability) => probability <= probabilities[actual]);
}

/** d/dβ of the cross-entropy at β = 1 / T: what logits are expected to be, less those of the true classes. */
function slope(logits: readonly (readonly number[])[], rows: readonly AnsweredRow[], sharpness: number): number {
  return logits.reduce((sum, own, row) => {
    const highest = Math.max(...own);
    const weights = own.map((logit) => Math.exp(sharpness * (logit - highest)));
    const all = weights.reduce((total, weight) => total + weight, 0);
    const expected = own.reduce((total, logit, index) => total + (logit * weights[index]) / all, 0);
    return sum + expected - own[rows[row].actual];
  }, 0);
}
