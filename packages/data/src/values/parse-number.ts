import { isExactNumber } from './exact-number';

/** How decimals are written. */
export type Decimal = '.' | ',';

/**
 * A number as people write it in tables; undefined for anything else, and for an integer that no number holds.
 *
 * @param decimal with `,` the point may stand between groups of three digits: `1.234,5`
 */
export function parseNumber(text: string, decimal: Decimal): number | undefined {
  const trimmed = text.trim();
  const plain = decimal === '.' ? trimmed : germanToPlain(trimmed);
  if (plain === undefined || !/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?$/i.test(plain)) return undefined;
  const value = Number(plain);
  return isExactNumber(plain, value) ? value : undefined;
}

function germanToPlain(text: string): string | undefined {
  const [whole, ...rest] = text.split(',');
  if (rest.length > 1 || rest[0]?.includes('.')) return undefined;
  const isGrouped = /^[+-]?\d{1,3}(\.\d{3})+$/.test(whole);
  if (whole.includes('.') && !isGrouped) return undefined;
  return [whole.replaceAll('.', ''), ...rest].join('.');
}
