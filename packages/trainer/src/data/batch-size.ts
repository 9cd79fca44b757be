import { z } from 'zod';

/** How many samples are computed at a time: so many, or as many as have so many tokens together, padding among them. */
export type BatchSize = number | { readonly tokens: number };

export const batchSizeSchema = z.union([z.int().positive(), z.strictObject({ tokens: z.int().positive() })]);
