import { pixelsLike } from './pixels-like';
import type { OpaquePixels, Pixels } from './raw-image';

/** [red, green, blue], 0 to 255. */
export type Colour = readonly [red: number, green: number, blue: number];

/** What becomes of pixels that let light through: their colour as it is stored (`drop`), or laid over another. */
export type Transparency = 'drop' | Colour;

/**
 * RGBA to RGB; other pictures are returned as they are.
 *
 * @param transparency of bytes, `drop` is Pillow's `convert("RGB")` and a colour its `alpha_composite` over that, to the bit
 */
export function removeAlpha(image: Pixels, transparency: Transparency): OpaquePixels {
  const { data, width, height, channels } = image;
  if (channels !== 4) return { data, width, height, channels };
  const over = data instanceof Float32Array ? floatOver : byteOver;
  const rgb = pixelsLike(data, 3 * width * height);
  for (let pixel = 0; pixel < width * height; pixel++) {
    for (let c = 0; c < 3; c++) {
      const colour = data[4 * pixel + c];
      rgb[3 * pixel + c] = transparency === 'drop' ? colour : over(colour, data[4 * pixel + 3], transparency[c]);
    }
  }
  return { data: rgb, width, height, channels: 3 };
}

function floatOver(colour: number, alpha: number, background: number): number {
  return alpha * colour + ((1 - alpha) * background) / 255;
}

/** With Pillow's 7 bits of fraction, and its division by 255. */
function byteOver(colour: number, alpha: number, background: number): number {
  const sum = (colour * alpha + background * (255 - alpha) + 128) << 7;
  return ((sum >> 8) + sum) >> 15;
}
