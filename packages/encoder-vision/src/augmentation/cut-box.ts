import { moved } from '../placement';
import type { BytePixels } from './byte-pixels';
import type { PixelBox } from './draw-box';

/** A part of a picture. What of the box lies beyond it has the given colour, or black. */
export function cutBox(picture: BytePixels, box: PixelBox, fill: readonly number[] = [0, 0, 0]): BytePixels {
  const { channels, width, height } = picture;
  const data = new Uint8Array(box.width * box.height * channels);
  for (let at = 0; at < data.length; at++) data[at] = fill[at % channels];
  const [first, last] = [Math.max(0, box.left), Math.min(width, box.left + box.width)];
  for (let row = 0; row < box.height && first < last; row++) {
    const from = box.top + row;
    if (from < 0 || from >= height) continue;
    const pixels = picture.data.subarray((from * width + first) * channels, (from * width + last) * channels);
    data.set(pixels, (row * box.width + first - box.left) * channels);
  }
  const placement = moved(picture, { scaleX: 1, offsetX: -box.left, scaleY: 1, offsetY: -box.top });
  return { data, width: box.width, height: box.height, channels, placement };
}
