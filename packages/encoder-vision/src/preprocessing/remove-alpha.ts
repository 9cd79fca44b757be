/** What becomes of pixels that let light through: their colour as it is stored, or laid over white. */
export type Transparency = 'drop' | 'white';

/**
 * RGBA to RGB.
 *
 * @param data red, green, blue and alpha side by side
 * @param transparency `drop` is Pillow's `convert("RGB")`; `white` its `alpha_composite` over white, to the bit
 */
export function removeAlpha(data: Uint8Array, transparency: Transparency): Uint8Array {
  const pixels = data.length / 4;
  const rgb = new Uint8Array(3 * pixels);
  for (let pixel = 0; pixel < pixels; pixel++) {
    for (let c = 0; c < 3; c++) {
      const colour = data[4 * pixel + c];
      rgb[3 * pixel + c] = transparency === 'drop' ? colour : overWhite(colour, data[4 * pixel + 3]);
    }
  }
  return rgb;
}

/** With Pillow's 7 bits of fraction, and its division by 255. */
function overWhite(colour: number, alpha: number): number {
  const sum = (colour * alpha + 255 * (255 - alpha) + 128) << 7;
  return ((sum >> 8) + sum) >> 15;
}
