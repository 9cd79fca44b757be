import { pictureSize } from '../mnist-pictures';

/** Gaussian blur of standard deviation `sigma` pixels, one axis after the other; outside is black. */
export function blur(pixels: Float32Array, sigma: number): Float32Array {
  if (sigma < 0.1) return pixels; // the neighbours' weights would round to nothing
  const reach = Math.ceil(3 * sigma);
  const weights = Float32Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-((i - reach) ** 2) / (2 * sigma ** 2)),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const across = (source: Float32Array, step: number, place: (i: number) => number) =>
    source.map((_, i) => {
      let sum = 0;
      for (let offset = -reach; offset <= reach; offset++) {
        const at = place(i) + offset;
        if (at >= 0 && at < pictureSize) sum += weights[offset + reach] * source[i + offset * step];
      }
      return sum / total;
    });
  const rows = across(pixels, 1, (i) => i % pictureSize);
  return across(rows, pictureSize, (i) => Math.floor(i / pictureSize));
}
