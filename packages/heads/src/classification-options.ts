import { z } from 'zod';

/** The options of a head that chooses one of several classes, to spread into its config schema. Its target brings the `labels`. */
export const classificationOptions = {
  /** Widths of the layers between the pooled representation and the classes, each followed by GELU; none by default. */
  hiddenSizes: z.array(z.int().positive()).readonly().default([]),
  /** How much of the target's probability is spread over all classes. */
  labelSmoothing: z.number().min(0).lt(1).default(0),
  /** Rate of dropout before the classifier. */
  dropout: z.number().min(0).lt(1).default(0),
};

/** Sizes and choices of a {@link ClassificationHead}. */
export interface ClassificationConfig {
  readonly hiddenSize: number;
  readonly hiddenSizes: readonly number[];
  readonly labels: readonly string[];
  readonly labelSmoothing: number;
  readonly dropout: number;
}
