import type { z } from 'zod';

/** What an issue of a schema asks for, as the error says it after "expected". */
export function expectation(issue: z.core.$ZodIssue): string {
  if (!/^(Invalid|Too|Unrecognized) /.test(issue.message)) return issue.message; // the schema's own words
  switch (issue.code) {
    case 'invalid_type':
      return types[issue.expected] ?? `${/^[AEIO]/.test(issue.expected) ? 'an' : 'a'} ${issue.expected}`;
    case 'invalid_value':
      return alternatives(issue.values.map(quoted));
    case 'too_small':
      return limit(issue.origin, issue.exact ? 'exactly' : issue.inclusive ? 'at least' : 'more than', issue.minimum);
    case 'too_big':
      return limit(issue.origin, issue.exact ? 'exactly' : issue.inclusive ? 'at most' : 'less than', issue.maximum);
    case 'not_multiple_of':
      return `a multiple of ${issue.divisor}`;
    case 'invalid_format':
      return issue.format === 'regex'
        ? `a string that matches ${issue.pattern}`
        : `a string in the form of ${issue.format}`;
    case 'invalid_union':
      return 'options' in issue && Array.isArray(issue.options) // those of a discriminator
        ? alternatives(issue.options.map(quoted))
        : alternatives([...new Set(issue.errors.flatMap(([first]) => (first ? [expectation(first)] : [])))]);
    default:
      return issue.message;
  }
}

const types: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  bigint: 'a bigint',
  date: 'a Date',
  function: 'a function',
  array: 'an array',
  tuple: 'an array',
  object: 'an object',
  record: 'an object',
  map: 'a Map',
  set: 'a Set',
  null: 'null',
  undefined: 'nothing',
  never: 'nothing',
  nan: 'NaN',
  nonoptional: 'a value',
};

/** What has a size, and what that counts. */
const counted: Readonly<Record<string, readonly [one: string, several: string]>> = {
  string: ['character', 'characters'],
  array: ['item', 'items'],
  set: ['entry', 'entries'],
  map: ['entry', 'entries'],
};

function limit(origin: string, bound: string, size: number | bigint): string {
  const words = counted[origin];
  if (words) return `${bound} ${size} ${words[size === 1 ? 0 : 1]}`;
  return `a number ${{ 'more than': 'above', 'less than': 'below' }[bound] ?? `of ${bound}`} ${size}`;
}

function quoted(value: unknown): string {
  return typeof value === 'string' ? `"${value}"` : String(value);
}

/** `a`, `a or b`, `a, b or c`. */
function alternatives(choices: readonly string[]): string {
  const last = choices.at(-1) ?? '';
  return choices.length < 2 ? last : `${choices.slice(0, -1).join(', ')} or ${last}`;
}
