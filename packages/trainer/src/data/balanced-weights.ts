/**
 * How often each sample is to come, relative to the others, so that every class comes equally often: 1 on average. One without a class has 1.
 *
 * @param classes of the samples
 */
export function balancedWeights(classes: readonly (number | undefined)[]): readonly number[] {
  const counts = new Map<number, number>();
  for (const own of classes) if (own !== undefined) counts.set(own, (counts.get(own) ?? 0) + 1);
  const labelled = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return classes.map((own) => (own === undefined ? 1 : labelled / (counts.size * counts.get(own)!)));
}
