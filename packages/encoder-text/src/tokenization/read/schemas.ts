import { z } from 'zod';

// What several components of a tokenizer.json have.

export const id = z.int().min(0).max(0xffff_ffff);
export const count = z.int().min(0);
export const character = z.string().refine((text) => Array.from(text).length === 1, {
  error: 'expected one character',
});

export const byteLevelSchema = z.object({
  add_prefix_space: z.boolean(),
  trim_offsets: z.boolean(),
  use_regex: z.boolean().default(true),
});

export const metaspaceSchema = z
  .object({
    replacement: character,
    add_prefix_space: z.boolean().nullish(),
    prepend_scheme: z.enum(['first', 'never', 'always']).default('always'),
    split: z.boolean().nullish(),
  })
  .refine(({ add_prefix_space, prepend_scheme }) => add_prefix_space !== false || prepend_scheme === 'never', {
    error: 'add_prefix_space does not match prepend_scheme',
  });
