import type { z } from 'zod';
import { describeValue } from './describe-value';
import { ConfigError } from './errors';
import { expectation } from './expectation';
import { unknownNames } from './unknown-keys';

/**
 * Parses a value with a schema, with defaults filled in.
 *
 * @param where path of the value in the user's config, put before the path within it
 * @throws ConfigError naming the offending path, with the nearest valid key for a misspelt one
 */
export function parseConfig<Schema extends z.ZodType>(schema: Schema, value: unknown, where: string): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [given, ...others] = result.error.issues;
  const issue = withinUnion(given);
  const path = [where, ...issue.path.map(String)].filter(Boolean).join('.');
  const further = others.flatMap(pathsOf);
  const more = further.length > 0 ? `(${further.length} more: ${further.join(', ')})` : '';
  if (issue.code === 'unrecognized_keys') {
    const { received, hint } = unknownNames(issue.keys, knownKeys(schema, issue.path));
    throw new ConfigError({
      where: path,
      expected: 'only known options',
      received,
      hint: [hint, more].filter(Boolean).join(' '),
    });
  }
  throw new ConfigError({
    where: path,
    expected: expectation(issue),
    received: describeValue(valueAt(value, issue.path)),
    ...(more && { hint: more }),
  });
}

/** Of alternatives of which one is of the value's kind, its own fault: `several.most` rather than all that `several` may be. */
function withinUnion(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== 'invalid_union') return issue;
  const faults = issue.errors.map(([first]) => first).filter((first) => first && isWithin(first));
  return faults.length === 1 ? withinUnion({ ...faults[0], path: [...issue.path, ...faults[0].path] }) : issue;
}

function isWithin({ code, path }: z.core.$ZodIssue): boolean {
  return path.length > 0 || code === 'unrecognized_keys';
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((current, key) => (current as Record<PropertyKey, unknown> | undefined)?.[key], value);
}

/** Where the faults of an issue are: each unknown key is one. */
function pathsOf(issue: z.core.$ZodIssue): string[] {
  const paths = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
  return paths.map((path) => path.map(String).join('.'));
}

function knownKeys(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  const inner = path.reduce<SchemaParts | undefined>((parts, key) => {
    const { shape, def } = unwrapped(parts);
    return shape ? shape[key] : (def?.element ?? def?.valueType);
  }, schema as SchemaParts);
  return Object.keys(unwrapped(inner).shape ?? {});
}

/** Those parts of a schema that lead to the schemas within it. */
interface SchemaParts {
  readonly shape?: Readonly<Record<PropertyKey, SchemaParts>>;
  readonly def?: {
    readonly innerType?: SchemaParts;
    readonly in?: SchemaParts;
    readonly options?: readonly SchemaParts[];
    readonly element?: SchemaParts;
    readonly valueType?: SchemaParts;
  };
}

/** A schema without `optional`, `default` and the like around it; of alternatives, the one with keys. */
function unwrapped(schema: SchemaParts | undefined): SchemaParts {
  const { innerType, in: input, options } = schema?.def ?? {};
  const inner = innerType ?? input ?? options?.find((option) => unwrapped(option).shape);
  return inner ? unwrapped(inner) : (schema ?? {});
}
