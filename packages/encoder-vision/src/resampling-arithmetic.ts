import type { Pixels } from './raw-image';

/** In which numbers pixels are weighted and summed. */
export interface ResamplingArithmetic {
  weights(exact: Float64Array): Int32Array | Float64Array;
  /** Room for sums. */
  sums(length: number): Int32Array | Float64Array;
  /** Where a sum begins, so that cutting it off rounds it. */
  readonly start: number;
  /** A pixel of a sum, cut off where a kernel overshoots. */
  pixel(sum: number): number;
}

/** Bytes as Pillow resizes them: in fixed point, and rounded to bytes. Floats in floats. */
export function resamplingArithmetic(data: Pixels['data']): ResamplingArithmetic {
  return data instanceof Float32Array ? floats : bytes;
}

/** Pillow holds weights in 32 bits: 8 for the pixel, 2 for what kernels overshoot by, and these. */
const fractionBits = 22;

const bytes: ResamplingArithmetic = {
  weights: (exact) =>
    Int32Array.from(exact, (weight) => Math.trunc(weight * 2 ** fractionBits + (weight < 0 ? -0.5 : 0.5))),
  sums: (length) => new Int32Array(length),
  start: 2 ** (fractionBits - 1),
  pixel: (sum) => Math.min(Math.max(sum >> fractionBits, 0), 255),
};

const floats: ResamplingArithmetic = {
  weights: (exact) => exact,
  sums: (length) => new Float64Array(length),
  start: 0,
  pixel: (sum) => Math.min(Math.max(sum, 0), 1),
};
