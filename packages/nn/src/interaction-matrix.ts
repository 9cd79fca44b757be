import { ConfigError, suggestNames, UnknownNameError } from '@polymodal/core';

/** weights[i][j] in [0, 1]: how much the tokens of modality i attend to those of modality j. One left out is 1. */
export type ModalityWeights = Readonly<Record<string, Readonly<Record<string, number>>>>;

/**
 * Interaction weights between modalities as a matrix, for {@link modalityBias}.
 *
 * ```ts
 * interactionMatrix({ image: { text: 0.5 } }, ['image', 'text']); // [[1, 0.5], [1, 1]]
 * ```
 *
 * @param weights by querying and attended modality
 * @param modalities S of them, in the order of the rows and columns
 * @returns S rows, one for each querying modality
 * @throws ConfigError for a weight outside [0, 1], UnknownNameError for a modality that is not among them
 */
export function interactionMatrix(weights: ModalityWeights, modalities: readonly string[]): number[][] {
  const matrix = modalities.map(() => new Array<number>(modalities.length).fill(1));
  for (const [query, row] of Object.entries(weights)) {
    const own = matrix[indexOf(query, modalities)];
    for (const [key, weight] of Object.entries(row)) {
      own[indexOf(key, modalities)] = checkWeight(weight, `${query}.${key}`);
    }
  }
  return matrix;
}

function indexOf(modality: string, modalities: readonly string[]): number {
  const index = modalities.indexOf(modality);
  if (index >= 0) return index;
  throw new UnknownNameError({
    where: 'modality weights',
    expected: 'the name of a modality that has tokens here',
    received: JSON.stringify(modality),
    hint: suggestNames(modality, modalities),
  });
}

function checkWeight(weight: number, where: string): number {
  if (weight >= 0 && weight <= 1) return weight;
  throw new ConfigError({
    where: `modality weights, ${where}`,
    expected: 'a weight in [0, 1]',
    received: String(weight),
    hint: '1 lets one modality attend to the other freely, 0 excludes it.',
  });
}
