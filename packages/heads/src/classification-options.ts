import { z } from 'zod';

/** The options of a head that chooses one of several classes, to spread into its config schema. */
export const classificationOptions = {
  /** The classes in order, or how many there are: then their labels are '0', '1', … */
  labels: z.union([
    z.int().min(2).max(1_000_000),
    z
      .array(z.string())
      .min(2)
      .refine((labels) => new Set(labels).size === labels.length, 'labels that differ from one another')
      .readonly(),
  ]),
  /** The name under which a sample's targets hold its class, a label or an index. Default: the head's name. */
  target: z.string().optional(),
  /** How much of the target's probability is spread over all classes. */
  labelSmoothing: z.number().min(0).lt(1).default(0),
  /** Rate of dropout before the classifier. */
  dropout: z.number().min(0).lt(1).default(0),
};

/** {@link classificationOptions} once parsed. */
type ClassificationOptions = z.output<z.ZodObject<typeof classificationOptions>>;

/** Sizes and choices of a {@link ClassificationHead}. */
export interface ClassificationConfig {
  readonly hiddenSize: number;
  readonly labels: readonly string[];
  readonly target: string;
  readonly labelSmoothing: number;
  readonly dropout: number;
}

/** The parsed options with the width, and with what depends on the head's name. */
export function resolveClassificationConfig(
  { labels, target, labelSmoothing, dropout }: ClassificationOptions,
  hiddenSize: number,
  name: string,
): ClassificationConfig {
  return {
    hiddenSize,
    labels: typeof labels === 'number' ? Array.from({ length: labels }, (_, index) => String(index)) : labels,
    target: target ?? name,
    labelSmoothing,
    dropout,
  };
}
