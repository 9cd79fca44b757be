import { ConfigError } from '@polymodal/core';

/** Returns the probability of dropping something. @throws ConfigError unless it lies in [0, 1) */
export function checkRate(where: string, value: number): number {
  if (value >= 0 && value < 1) return value;
  throw new ConfigError({
    where,
    expected: 'a rate in [0, 1)',
    received: String(value),
    hint: 'A rate is the probability with which a value is dropped; 0 drops nothing.',
  });
}
