import { z } from 'zod';

/** How many values a sample may have under one slot, and whether their order says something. */
export interface SeveralOptions {
  /** The most values of a sample: what it costs is bounded by it. */
  readonly most: number;
  /** Whether the encoder is told which of them comes first; otherwise they are a set. */
  readonly ordered: boolean;
}

/** No slot may have more. */
export const mostOfAll = 1024;

const several = z.strictObject({
  most: z.int().positive().max(mostOfAll).default(8),
  ordered: z.boolean().default(true),
});

/** `several` of a slot: `true` for the defaults. */
export const severalSchema = z
  .union([z.boolean(), several])
  .default(false)
  .transform((given): SeveralOptions | undefined => (given === true ? several.parse({}) : given || undefined));

/** `several` of a slot, as configs write it. */
export type SeveralInput = boolean | z.input<typeof several>;
