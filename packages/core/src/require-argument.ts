import { describeValue } from './describe-value';
import { ConfigError } from './errors';

/**
 * Makes sure that an argument is of the kind that a function takes: a caller without a compiler learns here which one is
 * not, and not from the middle of the work.
 *
 * ```ts
 * requireArgument(file instanceof Uint8Array, 'decodeAudio', 'the bytes of a file', file);
 * ```
 *
 * @param where    the function
 * @param expected what it takes there
 * @throws ConfigError
 */
export function requireArgument(holds: boolean, where: string, expected: string, received: unknown): void {
  if (!holds) throw new ConfigError({ where, expected, received: describeValue(received) });
}

/** Whether a value is an object with names, as options are, and no list, or promise that somebody forgot to await. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Promise);
}

/** Whether a value may be a path. */
export function isPath(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
