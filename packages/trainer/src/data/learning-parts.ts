import { isLearning, type LearningProcessor, type Model, type Sample } from '@polymodal/core';

/** A part of a sample whose processor learns from training data. */
export interface LearningPart {
  /** How messages call it: `table`, or `targets.amount`. */
  readonly name: string;
  /** Where a saved model has the files of its processor. */
  readonly folder: string;
  readonly processor: LearningProcessor;
  /** The raw value of a sample; `undefined` or `null` where it has none. */
  rawOf(sample: Sample): unknown;
}

/** The slots and targets of a model whose processors learn from training data. */
export function learningParts({ processors, targets }: Model): LearningPart[] {
  const parts: LearningPart[] = [];
  for (const [slot, processor] of Object.entries(processors)) {
    if (!isLearning(processor)) continue;
    parts.push({ name: slot, folder: `processors/${slot}`, processor, rawOf: (sample) => sample[slot] });
  }
  for (const [head, { name, processor }] of Object.entries(targets)) {
    if (!isLearning(processor)) continue;
    const rawOf = ({ targets: given }: Sample) => given?.[name];
    parts.push({ name: `targets.${name}`, folder: `targets/${head}`, processor, rawOf });
  }
  return parts;
}
