import type { z } from 'zod';
import { describeValue, isPlain } from './describe-value';
import { ConfigError } from './errors';
import { expectation } from './expectation';
import { requireArgument } from './require-argument';
import { unknownNames } from './unknown-keys';

/**
 * Parses a value with a schema, with defaults filled in.
 *
 * @param where path of the value in the user's config, put before the path within it
 * @throws ConfigError naming the offending path, with the nearest valid key for a misspelt one
 */
export function parseConfig<Schema extends z.ZodType>(schema: Schema, value: unknown, where: string): z.output<Schema> {
  requireArgument(!(value instanceof Promise), where, 'options', value);
  refuseProto(schema as SchemaParts, value, where);
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const [issue, ...others] = result.error.issues.flatMap(meant);
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
  const hint = [optionsHint(schema, issue), more].filter(Boolean).join(' ');
  throw new ConfigError({
    where: path,
    expected: expectation(issue),
    received: describeValue(receivedBy(issue, value)),
    ...(hint && { hint }),
  });
}

/** Where an object is asked for, what may stand in it. */
function optionsHint(schema: z.ZodType, issue: z.core.$ZodIssue): string {
  const options = /\ban object\b/.test(expectation(issue)) ? knownKeys(schema, issue.path) : [];
  const more = options.length > mostListed ? ` and ${options.length - mostListed} more` : '';
  return options.length > 0 ? `Its options: ${options.slice(0, mostListed).join(', ')}${more}.` : '';
}

const mostListed = 20;

/**
 * A key of this name would be passed over in silence: schemas leave it out, since it is none of an object's own once it is assigned.
 * Values are looked at as far as the schema describes them, and none that has to be computed.
 */
function refuseProto(schema: SchemaParts | undefined, value: unknown, where: string): void {
  const { shape, def } = unwrapped(schema);
  const inner = (key: string) => shape?.[key] ?? def?.valueType ?? def?.element;
  if (typeof value !== 'object' || value === null || !(shape || def?.valueType || def?.element)) return;
  if (!Array.isArray(value) && !isPlain(value)) return;
  if (Object.hasOwn(value, '__proto__')) {
    throw new ConfigError({ where, expected: 'only known names', received: '"__proto__"' });
  }
  for (const key of shape ? Object.keys(shape) : Object.keys(value)) {
    const own: unknown = Object.getOwnPropertyDescriptor(value, key)?.value;
    if (typeof own === 'object') refuseProto(inner(key), own, [where, key].filter(Boolean).join('.'));
  }
}

/** Of a value that may be of several kinds and is plainly of one, what is wrong within it. */
function meant(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const within = issue.errors.filter(
    ([first]) => first && (first.path.length > 0 || first.code === 'unrecognized_keys'),
  );
  const named = within.filter((issues) => issues.every(({ code }) => code !== 'unrecognized_keys'));
  const [one, ...others] = within.length > 1 ? named : within; // of several kinds of objects, the one whose keys they are
  if (!one || others.length > 0) return [issue];
  return one.flatMap((own) => meant({ ...own, path: [...issue.path, ...own.path] }));
}

/** What stands at the path of an issue; where a schema made something else of the value before (a list of a string), what it looked at. */
function receivedBy(issue: z.core.$ZodIssue, value: unknown): unknown {
  let current = value;
  for (const key of issue.path) {
    if (typeof current === 'string') return issue.input;
    current = (current as Record<PropertyKey, unknown> | undefined)?.[key];
  }
  return current;
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
    readonly element?: SchemaParts;
    readonly valueType?: SchemaParts;
    /** Of a schema with a transformation. */
    readonly in?: SchemaParts;
    /** Of a union. */
    readonly options?: readonly SchemaParts[];
  };
}

/** A schema without `optional`, `default` and the like around it; of a union that of the objects in it. */
function unwrapped(schema: SchemaParts | undefined): SchemaParts {
  const { innerType, in: before, options } = schema?.def ?? {};
  const inner = innerType ?? before ?? options?.find((own) => unwrapped(own).shape);
  return inner ? unwrapped(inner) : (schema ?? {});
}
