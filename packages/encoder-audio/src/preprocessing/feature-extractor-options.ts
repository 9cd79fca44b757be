import { optional } from '@polymodal/hub';
import { z } from 'zod';

/** Kinds of options in the preprocessor_config.json of sound, each with its default. */
export const option = {
  /** A positive integer. */
  count: (byDefault: number) => optional(z.int().positive(), byDefault),
  /** Samples in a Fourier transform; of an odd number Python places the bins elsewhere than they are. */
  fftSize: (byDefault: number) => optional(z.int().min(2).max(65_536).multipleOf(2), byDefault),
  flag: (byDefault: boolean) => optional(z.boolean(), byDefault),
  number: (byDefault: number) => optional(z.number(), byDefault),
  /** An option that is not implemented, with the one value that it must have. */
  only: <Value extends string | number>(value: Value) => z.literal(value).nullish(),
};

/** Who wrote the file, or what Python returns. */
const harmlessOptions = ['feature_extractor_type', 'processor_class', 'auto_map', 'return_tensors'];

/**
 * The schema of a preprocessor_config.json. Options that change the features stand in `shape`; those of `harmless`, and those
 * that every file has, change nothing here; all others are refused by name.
 */
export function featureExtractorOptions<Shape extends z.ZodRawShape>(shape: Shape, harmless: readonly string[] = []) {
  const passedOver = Object.fromEntries(
    [...harmlessOptions, ...harmless].map((name) => [name, z.unknown().optional()]),
  );
  return z.strictObject({ ...passedOver, padding_side: option.only('right'), ...shape });
}
