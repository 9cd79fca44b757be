import { convertChannels } from './convert-channels';
import { pixelsLike } from './pixels-like';
import type { OpaquePixels } from './raw-image';
import type { Colour } from './remove-alpha';
import type { Sides } from './sides';

/** A part of a picture, in whole pixels. */
export interface Part {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** What a canvas shows of a picture of the given sides that lies on its middle (HF `image_transforms.center_crop`). */
export function partOnCanvas(sides: Sides, canvas: Sides): Part {
  const [top, left] = corner(sides, canvas).map((start) => Math.max(start, 0));
  const [bottom, right] = corner(sides, canvas).map((start, axis) => Math.min(start + canvas[axis], sides[axis]));
  return { top, left, height: bottom - top, width: right - left };
}

/** That part on the canvas, with a background around it where the picture is too small. */
export function centerOnCanvas(seen: OpaquePixels, sides: Sides, canvas: Sides, background: Colour): OpaquePixels {
  const [height, width] = canvas;
  if (seen.height === height && seen.width === width) return seen;
  const { channels } = seen;
  const [top, left] = corner(sides, canvas).map((start) => Math.max(-start, 0));
  const data = plain(seen, canvas, background);
  const stride = seen.width * channels;
  for (let row = 0; row < seen.height; row++) {
    const line = seen.data.subarray(row * stride, (row + 1) * stride);
    data.set(line, ((row + top) * width + left) * channels);
  }
  return { data, width, height, channels };
}

/** Where the canvas begins in the picture: negative where that is outside. */
function corner(sides: Sides, canvas: Sides): readonly [top: number, left: number] {
  return [Math.floor((sides[0] - canvas[0]) / 2), Math.floor((sides[1] - canvas[1]) / 2)];
}

/** Pixels of a canvas that shows nothing but the background. */
function plain({ data, channels }: OpaquePixels, [height, width]: Sides, background: Colour): OpaquePixels['data'] {
  const scale = data instanceof Float32Array ? 1 / 255 : 1;
  const colour = pixelsLike(data, 3);
  colour.set(background.map((level) => level * scale));
  const pixel = convertChannels({ data: colour, width: 1, height: 1, channels: 3 }, channels).data;
  return pixelsLike(data, height * width * channels).map((_, at) => pixel[at % channels]);
}
