import type { PixelImage } from './raw-image';

/** Weights of red, green and blue in luma (ITU-R BT.601), as PIL's mode "L" has them. */
const luma = [0.299, 0.587, 0.114] as const;

/**
 * Pixels to network input: rescaled to 0 … 1, then (value − mean) / std for each channel.
 *
 * @param image of 1 or 3 channels; grey is repeated or colour reduced to luma where the other is wanted
 * @param mean one for each wanted channel
 * @param std one for each wanted channel
 * @returns (H, W, C) values
 */
export function normalizePixels(image: PixelImage, mean: readonly number[], std: readonly number[]): Float32Array {
  const { data, channels } = image;
  const wanted = mean.length;
  const count = data.length / channels;
  const rescale = data instanceof Float32Array ? 1 : 1 / 255;
  const values = new Float32Array(count * wanted);
  for (let c = 0; c < wanted; c++) {
    const scale = rescale / std[c];
    const shift = -mean[c] / std[c];
    for (let pixel = 0; pixel < count; pixel++) {
      const at = pixel * channels;
      const value =
        channels === 1
          ? data[at]
          : wanted === 1
            ? luma[0] * data[at] + luma[1] * data[at + 1] + luma[2] * data[at + 2]
            : data[at + c];
      values[pixel * wanted + c] = value * scale + shift;
    }
  }
  return values;
}
