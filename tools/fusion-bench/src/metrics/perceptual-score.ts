import { meanOf } from './spread';

/** How much a model relies on a modality. */
export interface PerceptualScore {
  /** Accuracy lost when the modality's values are those of other samples. */
  readonly lost: number;
  /** The same as a share of the accuracy that there was: what compares models of different accuracy. */
  readonly share: number;
}

/**
 * The perceptual score (Gat et al. 2021): the accuracy that a model loses when one modality is permuted between samples, in expectation over
 * permutations, as it is and normalised by the model's accuracy.
 *
 * @param permuted accuracy under each of some permutations
 */
export function perceptualScore(accuracy: number, permuted: readonly number[]): PerceptualScore {
  const lost = accuracy - meanOf(permuted);
  return { lost, share: accuracy === 0 ? 0 : lost / accuracy };
}
