import { z } from 'zod';

/**
 * How many samples are computed at a time: so many; or as many as have so many tokens together, padding among them; or as many of which a step
 * keeps so many bytes for going backward.
 */
export type BatchSize = number | { readonly tokens: number } | { readonly bytes: number };

export const batchSizeSchema = z.union([
  z.int().positive(),
  z.strictObject({ tokens: z.int().positive() }),
  z.strictObject({ bytes: z.int().positive() }),
]);
