import type { PixelImage } from './raw-image';

/**
 * RGBA pixels laid over a background: alpha · colour + (1 − alpha) · background. Others are returned as they are.
 *
 * @param background [red, green, blue], 0 to 255
 */
export function flattenAlpha(image: PixelImage, background: readonly number[]): PixelImage {
  if (image.channels !== 4) return image;
  const { data, width, height } = image;
  const scale = data instanceof Float32Array ? 1 : 1 / 255;
  const flat = new Float32Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const alpha = data[4 * pixel + 3] * scale;
    for (let c = 0; c < 3; c++) {
      flat[3 * pixel + c] = alpha * data[4 * pixel + c] * scale + ((1 - alpha) * background[c]) / 255;
    }
  }
  return { data: flat, width, height, channels: 3 };
}
