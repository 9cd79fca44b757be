import { ConfigError } from './errors';

/** How many parameters a module may declare, and how many values in all. */
export interface ParameterLimit {
  readonly count: number;
  readonly values: number;
  /** The limit in words, after "expected". */
  readonly expected: string;
  readonly hint?: string;
}

interface Tally extends ParameterLimit {
  declared: number;
  total: number;
}

/** Those that are being counted, the innermost last: modules are made in one go, so that they cannot be mixed up. */
const tallies: Tally[] = [];

/**
 * Makes a module, and stops as soon as it declares more than it may: a number of layers that is absurd is noticed after the first
 * few, not when memory is full.
 *
 * @throws ConfigError where the limit is passed, or where sizes are beyond what JavaScript's arrays hold
 */
export function limitParameters<T>(limit: ParameterLimit, make: () => T): T {
  const depth = tallies.push({ ...limit, declared: 0, total: 0 });
  try {
    return make();
  } catch (error) {
    throw error instanceof RangeError ? beyond(limit, `sizes that are beyond it (${error.message})`, error) : error;
  } finally {
    tallies.length = depth - 1;
  }
}

/** Counts a parameter that is declared. @throws ConfigError where it is one too many */
export function countParameter(shape: readonly number[]): void {
  const size = shape.reduce((product, length) => product * length, 1);
  for (const tally of tallies) {
    tally.declared++;
    tally.total += size;
    if (tally.declared > tally.count) throw beyond(tally, `more than ${tally.count} parameters`);
    if (tally.total > tally.values) throw beyond(tally, `more than ${tally.values} values, one of [${shape}] last`);
  }
}

function beyond({ expected, hint }: ParameterLimit, received: string, cause?: unknown): ConfigError {
  return new ConfigError({
    expected,
    received,
    ...(hint !== undefined && { hint }),
    ...(cause !== undefined && { cause }),
  });
}
