import { ConfigError } from '@polymodal/core';

/** Returns what is added to a variance. @throws ConfigError unless it is above 0 */
export function checkEps(where: string, value: number): number {
  if (value > 0) return value;
  throw new ConfigError({ where, expected: 'a number above 0', received: String(value) });
}
