import type { RgbImage } from './rgb-image';

/** The middle of a picture, with black where it is too small (HF `image_transforms.center_crop`). */
export function centerCrop(image: RgbImage, [height, width]: readonly [height: number, width: number]): RgbImage {
  const top = Math.floor((image.height - height) / 2);
  const left = Math.floor((image.width - width) / 2);
  const [from, to] = [Math.max(left, 0), Math.min(left + width, image.width)];
  const data = new Uint8Array(height * width * 3);
  for (let row = Math.max(-top, 0); row < Math.min(image.height - top, height); row++) {
    const line = (row + top) * image.width;
    data.set(image.data.subarray((line + from) * 3, (line + to) * 3), (row * width + from - left) * 3);
  }
  return { data, width, height };
}
