/** How many batches of each source there are in a round, by its name. */
export type Ratios = Readonly<Record<string, number>>;

/**
 * One round of turns, each source as often as its ratio says and spread as evenly as can be (the smooth weighted round robin of nginx): who is
 * furthest behind its share comes next. Round follows on round in this one order, so that any window of a round's length, wherever it
 * begins, has the ratios exactly.
 *
 * @param ratios positive integers; they are taken in their lowest terms
 */
export function ratioTurns(ratios: Ratios): string[] {
  const names = Object.keys(ratios);
  const divisor = names.map((name) => ratios[name]).reduce(greatestCommonDivisor);
  const total = names.reduce((sum, name) => sum + ratios[name] / divisor, 0);
  const behind = new Map(names.map((name) => [name, 0]));
  return Array.from({ length: total }, () => {
    for (const name of names) behind.set(name, behind.get(name)! + ratios[name] / divisor);
    const next = names.reduce((best, name) => (behind.get(name)! > behind.get(best)! ? name : best));
    behind.set(next, behind.get(next)! - total);
    return next;
  });
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
