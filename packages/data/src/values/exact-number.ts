/**
 * Whether a number says what is written. An integer beyond 2^53 without point or exponent is an id more likely than a measure, and would become
 * that of its neighbours; with one of them, it must be what the number is at as many digits: `6.02e23`, but not `9007199254740993.0`.
 *
 * @param written in digits, as JSON has them
 */
export function isExactNumber(written: string, value: number): boolean {
  if (!Number.isFinite(value)) return false;
  if (!Number.isInteger(value) || Number.isSafeInteger(value)) return true;
  if (!/[.e]/i.test(written)) return false;
  const digits = significant(written);
  return digits.length <= mostDigits && significant(value.toPrecision(digits.length)) === digits;
}

/** That JavaScript writes. */
const mostDigits = 100;

/** The digits of a number from the first that is not 0, without its sign, point and exponent. */
function significant(written: string): string {
  return written.replace(/e.*$/i, '').replace(/\D/g, '').replace(/^0+/, '');
}
