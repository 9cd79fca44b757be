import { ConfigError, describeValue } from '@polymodal/core';

/** More than schemas that people write have; what holds itself has no end of them. */
const mostLevels = 256;

/** @throws ConfigError for a value that JSON cannot write, or in which too many lie in one another, with its place */
export function requireJson(value: unknown, where: string, level = 0): void {
  if (level > mostLevels) {
    throw new ConfigError({
      where: `${where.slice(0, 60)}…`,
      expected: `at most ${mostLevels} values in one another`,
      received: 'more',
      hint: 'A schema that holds itself refers to itself by "$ref".',
    });
  }
  const isForeign =
    ['bigint', 'function', 'symbol'].includes(typeof value) || (typeof value === 'number' && !Number.isFinite(value));
  if (isForeign) throw new ConfigError({ where, expected: 'what JSON can write', received: describeValue(value) });
  if (typeof value !== 'object' || value === null) return;
  for (const [key, own] of Object.entries(value)) requireJson(own, `${where}/${key}`, level + 1);
}
