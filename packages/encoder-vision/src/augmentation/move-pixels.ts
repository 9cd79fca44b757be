import { moved } from '../placement';
import type { BytePixels } from './byte-pixels';

/** Where the pixel (x, y) comes from: (a · x + b · y + c, d · x + e · y + f). */
export type AffineMap = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

/** Rows shifted against one another, by `slope` pixels a row (torchvision's operation "ShearX"). */
export function shearAcross(slope: number): AffineMap {
  return [1, slope, 0, 0, 1, 0];
}

/** Columns shifted against one another ("ShearY"). */
export function shearDown(slope: number): AffineMap {
  return [1, 0, 0, slope, 1, 0];
}

/** Shifted by whole pixels. */
export function shifted(right: number, down: number): AffineMap {
  return [1, 0, -right, 0, 1, -down];
}

/** Turned about the middle, against the clock (Pillow's `Image.rotate`). */
export function turned(degrees: number, { width, height }: BytePixels): AffineMap {
  const angle = (-degrees * Math.PI) / 180;
  const [cosine, sine] = [Math.cos(angle), Math.sin(angle)].map((value) => Number(value.toFixed(15)));
  const [x, y] = [width / 2, height / 2];
  return [cosine, sine, -cosine * x - sine * y + x, -sine, cosine, sine * x - cosine * y + y];
}

/** One in 65,536 parts, in which Pillow adds up positions. */
const one = 2 ** 16;

/** A picture of the same sides whose pixels come from elsewhere in it, each the nearest one; what comes from beyond it is black. */
export function movePixels(picture: BytePixels, [a, b, c, d, e, f]: AffineMap): BytePixels {
  const { data, width, height, channels } = picture;
  const target = new Uint8Array(data.length);
  const fixed = (value: number) => Math.floor(value * one + 0.5);
  const step = { x: fixed(a), y: fixed(d) };
  const line = { x: fixed(b), y: fixed(e) };
  const begin = { x: fixed(c + a * 0.5 + b * 0.5), y: fixed(f + d * 0.5 + e * 0.5) };
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const x = Math.floor((begin.x + row * line.x + column * step.x) / one);
      const y = Math.floor((begin.y + row * line.y + column * step.y) / one);
      if (x < 0 || x >= width || y < 0 || y >= height) continue;
      const from = (y * width + x) * channels;
      const to = (row * width + column) * channels;
      for (let channel = 0; channel < channels; channel++) target[to + channel] = data[from + channel];
    }
  }
  const isShift = a === 1 && b === 0 && d === 0 && e === 1;
  const placement = isShift ? moved(picture, { scaleX: 1, offsetX: -c, scaleY: 1, offsetY: -f }) : 'turned';
  return { ...picture, data: target, placement };
}
