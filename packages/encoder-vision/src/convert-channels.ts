import { pixelsLike } from './pixels-like';
import type { OpaquePixels } from './raw-image';

/** Grey as RGB, or RGB as luma (ITU-R BT.601), which of bytes is that of Pillow's `convert("L")`. */
export function convertChannels(image: OpaquePixels, wanted: 1 | 3): OpaquePixels {
  const { data, width, height, channels } = image;
  if (channels === wanted) return image;
  const converted = pixelsLike(data, width * height * wanted);
  if (wanted === 3) {
    for (let at = 0; at < data.length; at++) converted.fill(data[at], 3 * at, 3 * at + 3);
  } else {
    const lumaOf = data instanceof Float32Array ? floatLuma : byteLuma;
    for (let pixel = 0; pixel < converted.length; pixel++) {
      converted[pixel] = lumaOf(data[3 * pixel], data[3 * pixel + 1], data[3 * pixel + 2]);
    }
  }
  return { data: converted, width, height, channels: wanted };
}

function floatLuma(red: number, green: number, blue: number): number {
  return 0.299 * red + 0.587 * green + 0.114 * blue;
}

/** The same weights, with 16 bits of fraction. */
function byteLuma(red: number, green: number, blue: number): number {
  return (19595 * red + 38470 * green + 7471 * blue + 0x8000) >> 16;
}
