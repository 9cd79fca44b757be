import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';

/** What counts of the results of an earlier start. */
export interface Earlier<Figures> {
  /** What results.json says of how methods are measured, where it has to say the same. */
  readonly how: Readonly<Record<string, unknown>>;
  /** What it has of each method; one of which it has something else, as an older version may, is left out. */
  readonly figures: z.ZodType<Figures>;
}

/**
 * Figures of methods that earlier starts have written into a results.json, so that methods can be measured one by one and stand side by side.
 * None where they were measured in another way.
 */
export async function earlierMethods<Figures>(
  resultsPath: string,
  { how, figures }: Earlier<Figures>,
): Promise<Record<string, Figures>> {
  if (!existsSync(resultsPath)) return {};
  const { methods, ...others } = anyResults.parse(JSON.parse(await readFile(resultsPath, 'utf8')));
  const isAlike = Object.entries(how).every(([name, value]) => JSON.stringify(value) === JSON.stringify(others[name]));
  if (!isAlike) return {};
  return Object.fromEntries(
    Object.entries(methods).flatMap(([method, found]) => {
      const { success, data } = figures.safeParse(found);
      return success ? [[method, data] as const] : [];
    }),
  );
}

const anyResults = z.looseObject({ methods: z.record(z.string(), z.unknown()) });
