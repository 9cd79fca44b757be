import type { RgbImage } from './rgb-image';

type Sides = readonly [height: number, width: number];

/** A part of a picture, in whole pixels. */
export interface Part {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** What is seen of a picture of the given sides in a window around its middle (HF `image_transforms.center_crop`). */
export function centerPart(sides: Sides, window: Sides): Part {
  const [top, left] = corner(sides, window).map((start) => Math.max(start, 0));
  const [bottom, right] = corner(sides, window).map((start, axis) => Math.min(start + window[axis], sides[axis]));
  return { top, left, height: bottom - top, width: right - left };
}

/** What is seen in a window, with black around it where the picture is too small. */
export function padAround(seen: RgbImage, sides: Sides, window: Sides): RgbImage {
  const [height, width] = window;
  if (seen.height === height && seen.width === width) return seen;
  const [top, left] = corner(sides, window).map((start) => Math.max(-start, 0));
  const data = new Uint8Array(height * width * 3);
  for (let row = 0; row < seen.height; row++) {
    const line = seen.data.subarray(row * seen.width * 3, (row + 1) * seen.width * 3);
    data.set(line, ((row + top) * width + left) * 3);
  }
  return { data, width, height };
}

/** Where a window lies: negative where it begins outside. */
function corner(sides: Sides, window: Sides): readonly [top: number, left: number] {
  return [Math.floor((sides[0] - window[0]) / 2), Math.floor((sides[1] - window[1]) / 2)];
}
