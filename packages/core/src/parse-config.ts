import type { z } from 'zod';
import { ConfigError } from './errors';
import { suggestNames } from './nearest-names';

/**
 * Parses a value with a schema, with defaults filled in.
 *
 * @param where path of the value in the user's config, put before the path within it
 * @throws ConfigError naming the offending path, with the nearest valid key for a misspelt one
 */
export function parseConfig<Schema extends z.ZodType>(schema: Schema, value: unknown, where: string): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue, ...others] = result.error.issues;
  const path = [where, ...issue.path.map(String)].filter(Boolean).join('.');
  const more =
    others.length > 0 ? `(${others.length} more: ${others.map((other) => other.path.join('.')).join(', ')})` : '';
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(schema, issue.path);
    throw new ConfigError({
      where: path,
      expected: 'only known options',
      received: issue.keys.map((key) => `"${key}"`).join(', '),
      hint: [suggestNames(issue.keys[0], known), more].filter(Boolean).join(' '),
    });
  }
  throw new ConfigError({
    where: path,
    expected: expectation(issue),
    received: describeValue(valueAt(value, issue.path)),
    ...(more && { hint: more }),
  });
}

/** A value as it may stand in an error message: short, whatever it is. */
export function describeValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return `"${value.length > 60 ? `${value.slice(0, 57)}…` : value}"`;
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return String(value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object') return `an object (${value.constructor?.name ?? 'no prototype'})`;
  return `a ${typeof value}`;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((current, key) => (current as Record<PropertyKey, unknown> | undefined)?.[key], value);
}

/** What an issue asks for, in words: zod's message without what the error says itself. */
function expectation(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    return issue.errors.map(([first]) => expectation(first)).join(' or ');
  }
  return issue.message.replace(/^[A-Z][a-z ]*: expected /, '').replace(/, received .*$/, '');
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
  readonly def?: { readonly innerType?: SchemaParts; readonly element?: SchemaParts; readonly valueType?: SchemaParts };
}

/** A schema without `optional`, `default` and the like around it. */
function unwrapped(schema: SchemaParts | undefined): SchemaParts {
  return schema?.def?.innerType ? unwrapped(schema.def.innerType) : (schema ?? {});
}
