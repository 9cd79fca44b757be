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
 */
export function resamplingWeights(
  origin: number,
  extent: number,
  available: number,
  size: number,
  name: Kernel,
): SourcePixels[] {
  const { radius, weight } = kernels[name];
  const scale = extent / size;
  const widening = Math.max(scale, 1);
  return Array.from({ length: size }, (_, target) => {
    const centre = origin + (target + 0.5) * scale;
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
