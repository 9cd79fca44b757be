import type { LearningProcessor, Model } from '@polymodal/core';
import { learningParts } from './learning-parts';

/** The processors of a model that learn from training data and have not: those that a training fits, or gives what a run learned. */
export function unfittedProcessors(model: Model): LearningProcessor[] {
  return learningParts(model).flatMap(({ processor }) => (processor.fitted ? [] : [processor]));
}

/** Lets processors forget what they learned, so that the next training fits them to its own data. */
export function unfit(processors: readonly LearningProcessor[]): void {
  for (const processor of processors) processor.restore(() => undefined);
}
