import { z } from 'zod';

/** The config of a part, whose defaults hold where there is none, or null. */
export function orDefaults<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess((value) => value ?? {}, schema);
}
