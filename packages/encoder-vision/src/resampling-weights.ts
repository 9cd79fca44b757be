import { type Kernel, kernels } from './resampling-kernels';

/** Which source pixels make one target pixel, along one axis. */
export interface SourcePixels {
  readonly start: number;
  /** One for each source pixel from `start` on; they sum to 1. */
  readonly weights: Float64Array;
}

/**
 * Of each of `size` target pixels that share `extent` source pixels from `origin` on, of `available` ones, as Pillow's
 * `Image.resize` chooses them: where the picture shrinks the kernel is widened, so that every source pixel counts, and at the
 * borders its weights are normalised over the pixels that exist.
 *
 * @param range of the target pixels that are wanted. Default: all
 */

export function resamplingWeights(
  origin: number,
  extent: number,
  available: number,
  size: number,
  name: Kernel,
  range: { readonly start: number; readonly length: number } = { start: 0, length: size },
): SourcePixels[] {
  const { radius, weight } = kernels[name];
  const scale = extent / size;
  const widening = Math.max(scale, 1);
  return Array.from({ length: range.length }, (_, index) => {
    const centre = origin + (range.start + index + 0.5) * scale;
    if (name === 'nearest') return { start: Math.min(Math.floor(centre), available - 1), weights: Float64Array.of(1) };
    const start = Math.max(Math.floor(centre - radius * widening + 0.5), 0);
    const end = Math.min(Math.floor(centre + radius * widening + 0.5), available);
    const weights = Float64Array.from({ length: end - start }, (_, tap) =>
      weight((start + tap + 0.5 - centre) / widening),
    );
    const sum = weights.reduce((total, value) => total + value, 0);
    return { start, weights: weights.map((value) => value / sum) };
  });
}

/** The source pixels that any of the targets is made of: from `start` to before `end`. */
export function spanOf(targets: readonly SourcePixels[]): { readonly start: number; readonly end: number } {
  let [start, end] = [Infinity, 0];
  for (const target of targets) {
    start = Math.min(start, target.start);
    end = Math.max(end, target.start + target.weights.length);
  }
  return { start, end };
}
