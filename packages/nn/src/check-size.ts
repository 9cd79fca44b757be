import { ConfigError } from '@polymodal/core';

/** Returns a size that counts something. @throws ConfigError unless it is a positive integer */
export function checkSize(where: string, value: number): number {
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new ConfigError({ where, expected: 'a positive integer', received: String(value) });
}
