import { ConfigError, suggestNames } from '@polymodal/core';
import { z } from 'zod';

/** The option `classWeights`, to spread into the schema of a target. */
export const classWeightOptions = {
  /**
   * How much the rows of a class count in the loss: by label, 1 for those that are not named; or `balanced`, so that all classes of the
   * training data count alike.
   */
  classWeights: z.union([z.literal('balanced'), z.record(z.string(), z.number().positive()).readonly()]).optional(),
};

/** Weights by label as a list, in the order of the labels. @throws ConfigError for one that there is not */
export function listedWeights(
  weights: Readonly<Record<string, number>>,
  labels: readonly string[],
  option = 'classWeights',
): readonly number[] {
  const unknown = Object.keys(weights).find((label) => !labels.includes(label));
  if (unknown === undefined) return labels.map((label) => (Object.hasOwn(weights, label) ? weights[label] : 1));
  throw new ConfigError({
    where: `${option}.${unknown}`,
    expected: 'one of the labels',
    received: `"${unknown}"`,
    hint: suggestNames(unknown, labels),
  });
}

/** Weights with which all classes that occur count alike: N / (K · n) (King and Zeng 2001; scikit-learn's `balanced`). */
export function balancedWeights(counts: readonly number[]): readonly number[] {
  const all = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => (count === 0 ? 1 : all / (counts.length * count)));
}
