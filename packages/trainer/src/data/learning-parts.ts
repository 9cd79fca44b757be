import { isLearning, type LearningProcessor, type Model, rawValues, type Sample } from '@polymodal/core';

/** A part of a sample whose processor learns from training data. */
export interface LearningPart {
  /** How messages call it: `table`, or `targets.amount`. */
  readonly name: string;
  /** Where a saved model has the files of its processor. */
  readonly folder: string;
  readonly processor: LearningProcessor;
  /**
   * The raw value of a sample, by itself or in a document; `undefined` or `null` where it has none.
   *
   * @throws SampleError for a document that cannot be read
   */
  rawOf(sample: Sample, where: string): unknown;
}

/** The slots and targets of a model whose processors learn from training data. */
export function learningParts({ processors, targets }: Model): LearningPart[] {
  const parts: LearningPart[] = [];
  for (const [slot, processor] of Object.entries(processors)) {
    if (!isLearning(processor)) continue;
    const rawOf = (sample: Sample, where: string) => rawValues(sample, processors, where)[slot];
    parts.push({ name: slot, folder: `processors/${slot}`, processor, rawOf });
  }
  for (const [head, { name, processor }] of Object.entries(targets)) {
    if (!isLearning(processor)) continue;
    const rawOf = ({ targets: given }: Sample) => given?.[name];
    parts.push({ name: `targets.${name}`, folder: `targets/${head}`, processor, rawOf });
  }
  return parts;
}
