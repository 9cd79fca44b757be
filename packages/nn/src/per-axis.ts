/** One number for both axes, or one for each. */
export type PerAxis = number | readonly [height: number, width: number];

/** [height, width] of what may be one number. */
export function perAxis(value: PerAxis): readonly [height: number, width: number] {
  return typeof value === 'number' ? [value, value] : value;
}
