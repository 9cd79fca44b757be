import type { Results } from '../results';

/**
 * Methods that are worth their cost: no cheaper one, in multiply-adds, is more accurate than they, beyond both deviations over seeds.
 * What is better by less than that is not told apart, so that an expensive method has to show what it is for.
 */
export function efficientMethods(methods: Results['tasks'][string]): string[] {
  const entries = Object.entries(methods);
  return entries
    .filter(([name, { accuracy, cost }]) =>
      entries
        .filter(([other, own]) => other !== name && own.cost.multiplyAdds < cost.multiplyAdds)
        .every(([, own]) => accuracy.mean - accuracy.sd > own.accuracy.mean + own.accuracy.sd),
    )
    .map(([name]) => name);
}
