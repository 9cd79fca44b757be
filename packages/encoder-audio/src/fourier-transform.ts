/**
 * X[k] = Σ x[n] exp(−2πi n k / N) of complex numbers, real and imaginary parts in turn. Buffers are reused between calls. They
 * are plain arrays, which V8 reads and writes nearly twice as fast here as a Float64Array.
 */
export interface FourierTransform {
  readonly size: number;
  /** The values to transform: written, all of them, before each {@link transform}, which overwrites them. */
  readonly input: number[];
  /** @returns the transform, valid until the next call */
  transform(): number[];
}
