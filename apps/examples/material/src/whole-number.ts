import { z } from 'zod';

/** A whole number as it is written: no empty text, fraction or exponent. */
export const wholeNumber = (least: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `a whole number from ${least} on`)
    .transform(Number)
    .refine((value) => value >= least, `a whole number from ${least} on`);
