import { z } from 'zod';

/** What a text is constrained to: a value of a JSON schema, a pattern that the whole text matches, or a grammar. */
export const constraintOption = z.union(
  [
    z.strictObject({
      /** A JSON schema: https://json-schema.org, of which what cannot be kept is refused by name. */
      schema: z.union([z.literal(true), z.record(z.string(), z.unknown())]),
    }),
    z.strictObject({
      /** A regular expression as JavaScript writes it, with the flag `u`. */
      pattern: z.string(),
    }),
    z.strictObject({
      /** A grammar in GBNF, as llama.cpp reads it, whose rule `root` the text is. */
      grammar: z.string(),
    }),
  ],
  { error: 'one of { schema }, { pattern } and { grammar }' },
);

/** What a text is constrained to. */
export type ConstraintOption = Readonly<z.output<typeof constraintOption>>;
