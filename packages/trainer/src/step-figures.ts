import type { AllModalities } from './modalities/modality-figures';

/** A term of a loss: its sum over what it counts. */
interface TermSum {
  readonly sum: number;
  readonly count: number;
  /** Of the mean, in the head's loss. */
  readonly weight: number;
}

/** Terms by head and name. */
export type TermSums = Readonly<Record<string, Readonly<Record<string, TermSum>>>>;

/** Means of terms by head and name. */
export type TermMeans = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** What a step of training came to. */
export interface StepFigures {
  /** Weighted sum of the heads' losses. */
  readonly loss: number;
  /** Loss of each head that had something to learn, without its weight: the weighted sum of the means of its terms. */
  readonly losses: Readonly<Record<string, number>>;
  /** What these consist of. */
  readonly terms: TermSums;
  /** L2 norm of all gradients, before clipping. */
  readonly gradientNorm: number;
  /** Of each head's own loss, over what the heads share; where they are compared. */
  readonly headGradientNorms?: Readonly<Record<string, number>>;
  /** Between the gradients of two heads, `tone, kind`, over the same; where they are compared, or projected. */
  readonly headGradientCosines?: Readonly<Record<string, number>>;
  /** How each modality takes part, where it is watched. */
  readonly modalities?: AllModalities;
}

/** The terms of two batches together. */
export function addTerms(a: TermSums, b: TermSums): TermSums {
  const total: Record<string, Record<string, TermSum>> = {};
  for (const terms of [a, b]) {
    for (const [head, own] of Object.entries(terms)) {
      total[head] ??= {};
      for (const [name, term] of Object.entries(own)) {
        const { sum, count } = total[head][name] ?? { sum: 0, count: 0 };
        total[head][name] = { sum: sum + term.sum, count: count + term.count, weight: term.weight };
      }
    }
  }
  return total;
}

/** The mean of each term, and the loss of each head. */
export function termMeans(terms: TermSums): { readonly losses: StepFigures['losses']; readonly means: TermMeans } {
  const losses: Record<string, number> = {};
  const means: Record<string, Record<string, number>> = {};
  for (const [head, own] of Object.entries(terms)) {
    losses[head] = 0;
    means[head] = {};
    for (const [name, { sum, count, weight }] of Object.entries(own)) {
      means[head][name] = sum / count;
      losses[head] += weight * means[head][name];
    }
  }
  return { losses, means };
}

/** The weighted sum of the losses of heads. */
export function weightedLoss(terms: TermSums, lossWeights: Readonly<Record<string, number>>): number {
  const { losses } = termMeans(terms);
  return Object.entries(losses).reduce((sum, [head, loss]) => sum + (lossWeights[head] ?? 1) * loss, 0);
}
