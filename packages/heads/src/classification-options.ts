import { z } from 'zod';
import type { ClassProcessor } from './class-target';
import { type HiddenConfig, hiddenOptions } from './hidden-layers';

/** γ of the focal loss, to spread into the schema of a head that has it. */
export const focalOptions = {
  /** How much less counts what is answered well already. 0 for none; else 1 at least. */
  focalGamma: z
    .number()
    .refine((gamma) => gamma === 0 || (gamma >= 1 && gamma <= 10), '0, or a number from 1 to 10')
    .default(0),
};

/** The options of a head that chooses one of several classes, to spread into its config schema. Its target brings the `labels`. */
export const classificationOptions = {
  ...hiddenOptions,
  /** How much of the target's probability is spread over all classes. */
  labelSmoothing: z.number().min(0).lt(1).default(0),
  ...focalOptions,
};

/** Sizes and choices of a {@link ClassificationHead}. */
export interface ClassificationConfig extends HiddenConfig {
  /** The classes and, where they do not count alike, how much each does: once the target has learned it. */
  readonly classes: Pick<ClassProcessor, 'labels' | 'weights'>;
  readonly labelSmoothing: number;
  readonly focalGamma: number;
}
