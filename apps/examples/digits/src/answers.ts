import type { Model, Sample } from '@polymodal/core';
import type { Classification } from '@polymodal/heads';

/** The probability of each digit, for each of some samples. */
export type Answers = (samples: readonly Sample[]) => Promise<readonly (readonly number[])[]>;

/** What a model says of samples. */
export function answersOf(model: Model): Answers {
  return async (samples) => {
    const predictions = await model.predict(samples, { heads: ['digit'], batchSize: 64 });
    return predictions.map(({ digit }) => (digit as Classification).probabilities);
  };
}

/** The most probable digit. */
export function digitOf(probabilities: readonly number[]): number {
  return probabilities.indexOf(Math.max(...probabilities));
}
