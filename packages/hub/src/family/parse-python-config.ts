import { nearestNames, parseConfig } from '@polymodal/core';
import type { z } from 'zod';

/**
 * Checks a config of Python's transformers against a strict schema of what its class knows. Options beyond that are passed over, as
 * Python passes over them: tools write what they like beside a model's own. One that looks like an option of the class, misspelt, is
 * refused.
 *
 * @param where how error messages call it; '' for nothing
 * @throws ConfigError for an option that is not implemented or misspelt, by name
 */
export function parsePythonConfig<Schema extends z.ZodType>(
  schema: Schema,
  config: Readonly<Record<string, unknown>>,
  where = '',
): z.output<Schema> {
  const { error } = schema.safeParse(config);
  const issue = error?.issues.find(({ code, path }) => code === 'unrecognized_keys' && path.length === 0);
  if (issue?.code !== 'unrecognized_keys') return parseConfig(schema, config, where);
  const known = optionsOf(schema);
  const passedOver = issue.keys.filter((key) => !isMisspelt(key, known));
  const kept = Object.entries(config).filter(([key]) => !passedOver.includes(key));
  return parseConfig(schema, Object.fromEntries(kept), where);
}

/** Two letters wrong in a long name, one in a short; or other letters than small ones with underscores. */
function isMisspelt(key: string, known: readonly string[]): boolean {
  const plain = key.replaceAll(/[_-]/g, '').toLowerCase();
  return (
    nearestNames(key, known, key.length < 8 ? 1 : 2).length > 0 ||
    known.some((name) => name.replaceAll('_', '') === plain)
  );
}

/** Names of the options that change something: those whose values are looked at. */
function optionsOf(schema: z.ZodType): string[] {
  const { shape = {}, options = [] } = schema as unknown as SchemaParts;
  const own = Object.entries(shape).filter(([, { def }]) => def?.innerType?.def?.type !== 'unknown');
  return [...own.map(([name]) => name), ...options.flatMap(optionsOf)];
}

/** Those parts of a schema, an object or a union of such, that lead to the schemas within it. */
interface SchemaParts {
  readonly shape?: Readonly<
    Record<string, { readonly def?: { readonly innerType?: { readonly def?: { type: string } } } }>
  >;
  readonly options?: readonly z.ZodType[];
}
