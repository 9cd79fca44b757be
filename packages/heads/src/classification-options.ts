import { z } from 'zod';

/** The options of a head that chooses one of several classes, to spread into its config schema. Its target brings the `labels`. */
export const classificationOptions = {
  /** How much of the target's probability is spread over all classes. */
  labelSmoothing: z.number().min(0).lt(1).default(0),
  /** Rate of dropout before the classifier. */
  dropout: z.number().min(0).lt(1).default(0),
};

/** Sizes and choices of a {@link ClassificationHead}. */
export interface ClassificationConfig {
  readonly hiddenSize: number;
  readonly labels: readonly string[];
  readonly labelSmoothing: number;
  readonly dropout: number;
}
