import type { RandomKey } from '@polymodal/core';

/** One thing that may happen: what each modality says, and what the class is. */
export interface Outcome {
  readonly probability: number;
  /** A symbol for each modality, from 0 to {@link symbols} − 1. */
  readonly says: Readonly<Record<string, number>>;
  readonly answer: number;
}

/** A task whose distribution is written down, so that the best possible accuracy is known. */
export interface Control {
  readonly name: string;
  readonly modalities: readonly string[];
  /** All that may happen; probabilities add up to 1. */
  readonly outcomes: readonly Outcome[];
}

/** How many symbols a modality may say, and how many classes there are: the same everywhere, so that all controls share programs. */
export const symbols = 4;

/** Draws an outcome. */
export function drawOutcome({ outcomes }: Control, key: RandomKey): Outcome {
  let left = key.uniform(1)[0];
  for (const outcome of outcomes) {
    left -= outcome.probability;
    if (left < 0) return outcome;
  }
  return outcomes[outcomes.length - 1]; // rounding left a rest
}

/**
 * The accuracy of the best possible answer to what some modalities say: Σ max_y p(x, y) over all x that they may say (Bayes' rule).
 *
 * @param subset none of them for the most frequent class alone
 */
export function bestAccuracy({ outcomes }: Control, subset: readonly string[]): number {
  const joint = new Map<string, number[]>();
  for (const { probability, says, answer } of outcomes) {
    const heard = subset.map((modality) => says[modality]).join();
    const ofClasses = joint.get(heard) ?? new Array<number>(symbols).fill(0);
    ofClasses[answer] += probability;
    joint.set(heard, ofClasses);
  }
  return [...joint.values()].reduce((sum, ofClasses) => sum + Math.max(...ofClasses), 0);
}
