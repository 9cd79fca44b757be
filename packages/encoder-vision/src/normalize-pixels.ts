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
export function normalizePixels({ data, channels }: OpaquePixels, pixelScale: PixelScale): Float32Array {
  const values = new Float32Array(data.length);
  for (let c = 0; c < channels; c++) {
    if (data instanceof Float32Array) {
      for (let at = c; at < data.length; at += channels) values[at] = normalized(255 * data[at], c, pixelScale);
    } else {
      const table = tableOf(pixelScale, c);
      for (let at = c; at < data.length; at += channels) values[at] = table[data[at]];
    }
  }
  return values;
}

function normalized(level: number, channel: number, { scale, mean, std }: PixelScale): number {
  return (level * scale - mean[channel]) / std[channel];
}

/** Of each level, by channel: for a small picture to make them takes longer than to look them up. */
const tables = new WeakMap<PixelScale, Float32Array[]>();

function tableOf(pixelScale: PixelScale, channel: number): Float32Array {
  const known = tables.get(pixelScale) ?? [];
  tables.set(pixelScale, known);
  known[channel] ??= Float32Array.from({ length: 256 }, (_, level) => normalized(level, channel, pixelScale));
  return known[channel];
}
