import type { OpaquePixels } from './raw-image';

/** How the levels of pixels, 0 to 255, become a network's input: (level · scale − mean) / std. */
export interface PixelScale {
  readonly scale: number;
  /** One for each channel. */
  readonly mean: readonly number[];
  /** One for each channel. */
  readonly std: readonly number[];
}

/** @returns (H, W, C) values */
export function normalizePixels({ data, channels }: OpaquePixels, { scale, mean, std }: PixelScale): Float32Array {
  const values = new Float32Array(data.length);
  for (let c = 0; c < channels; c++) {
    const normalized = (level: number) => (level * scale - mean[c]) / std[c];
    if (data instanceof Float32Array) {
      for (let at = c; at < data.length; at += channels) values[at] = normalized(255 * data[at]);
    } else {
      const table = Float32Array.from({ length: 256 }, (_, level) => normalized(level));
      for (let at = c; at < data.length; at += channels) values[at] = table[data[at]];
    }
  }
  return values;
}
