import type { Input } from './input';

/** Floats at which functions are most easily wrong. */
export const special = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  0,
  -0,
  1,
  -1,
  0.5,
  -2.5,
  1.5,
  1e-9,
  -1e-9,
];
/** The same as a row, and as a column to meet each with all. */
export const specialValues: Input = { shape: [special.length], dtype: 'float32', values: special };
export const specialColumn: Input = { ...specialValues, shape: [special.length, 1] };
/** The ends of the range of int32, and what lies between. */
export const extremeIntegers: Input = {
  shape: [6],
  dtype: 'int32',
  values: [2 ** 31 - 1, -(2 ** 31), 0, 1, -1, 65_536],
};

/** A row of floats. */
export function floats(values: number[]): Input {
  return { shape: [values.length], dtype: 'float32', values };
}
