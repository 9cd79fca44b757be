/**
 * Ink to light as Pillow converts mode "CMYK" to "RGB", without colour profiles: white less black less the ink's share of it.
 *
 * @param data cyan, magenta, yellow and black side by side
 */
export function cmykToRgb(data: Uint8Array): Uint8Array {
  const pixels = data.length / 4;
  const rgb = new Uint8Array(3 * pixels);
  for (let pixel = 0; pixel < pixels; pixel++) {
    const light = 255 - data[4 * pixel + 3];
    for (let c = 0; c < 3; c++) {
      const product = data[4 * pixel + c] * light + 128;
      rgb[3 * pixel + c] = light - (((product >> 8) + product) >> 8); // a division by 255 that rounds
    }
  }
  return rgb;
}
