import type { Kernel } from '../resampling-kernels';
import { resamplingWeights, type SourcePixels, spanOf } from '../resampling-weights';
import type { Part } from './center-crop';
import type { RgbImage } from './rgb-image';

type Sides = readonly [height: number, width: number];

/** Pillow holds weights in 32 bits: 8 for the pixel, 2 for what kernels overshoot by, and these. */
const fractionBits = 22;

/**
 * A part of what `Image.resize` of Pillow gives, to the bit: along one side and then the other, each in fixed point and rounded
 * to bytes. What the part is not made of is not computed.
 *
 * @param sides of the whole resized picture
 */
export function resizeRgb(image: RgbImage, [height, width]: Sides, kernel: Kernel, part: Part): RgbImage {
  const rows = sourcesOf(image.height, height, kernel, { start: part.top, length: part.height });
  const columns = sourcesOf(image.width, width, kernel, { start: part.left, length: part.width });
  const source = cutOut(image, rows.span, columns.span);
  return startsDown(image, height, width)
    ? resizeAcross(resizeDown(source, rows.targets), columns.targets)
    : resizeDown(resizeAcross(source, columns.targets), rows.targets);
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** What a range of targets is made of, counted from where that begins. A side that stays as it is, is copied. */
function sourcesOf(available: number, size: number, kernel: Kernel, range: { start: number; length: number }) {
  const targets = resamplingWeights(0, available, available, size, size === available ? 'nearest' : kernel, range);
  const span = spanOf(targets);
  return { span, targets: targets.map(({ start, weights }) => ({ start: start - span.start, weights })) };
}

function cutOut(image: RgbImage, rows: Span, columns: Span): RgbImage {
  const height = rows.end - rows.start;
  const width = columns.end - columns.start;
  if (height === image.height && width === image.width) return image;
  const data = new Uint8Array(height * width * 3);
  for (let row = 0; row < height; row++) {
    const from = ((rows.start + row) * image.width + columns.start) * 3;
    data.set(image.data.subarray(from, from + width * 3), row * width * 3);
  }
  return { data, width, height };
}

/**
 * Which side Pillow 13 resizes first, found by trying: it matters for what is rounded in between, and cut off where a kernel
 * overshoots. Earlier versions always begin across.
 */
function startsDown(image: RgbImage, height: number, width: number): boolean {
  return height < image.height && image.height - height > 2 * (image.width - width);
}

function resizeAcross({ data, width, height }: RgbImage, targets: readonly SourcePixels[]): RgbImage {
  const columns = targets.map(inFixedPoint);
  const resized = new Uint8Array(height * columns.length * 3);
  for (let row = 0; row < height; row++) {
    let out = row * columns.length * 3;
    for (const { start, weights } of columns) {
      let red = half;
      let green = half;
      let blue = half;
      let at = (row * width + start) * 3;
      for (let tap = 0; tap < weights.length; tap++, at += 3) {
        red += weights[tap] * data[at];
        green += weights[tap] * data[at + 1];
        blue += weights[tap] * data[at + 2];
      }
      resized[out++] = toByte(red);
      resized[out++] = toByte(green);
      resized[out++] = toByte(blue);
    }
  }
  return { data: resized, width: columns.length, height };
}

function resizeDown({ data, width }: RgbImage, targets: readonly SourcePixels[]): RgbImage {
  const rows = targets.map(inFixedPoint);
  const stride = width * 3;
  const resized = new Uint8Array(rows.length * stride);
  const sums = new Int32Array(stride);
  rows.forEach(({ start, weights }, row) => {
    sums.fill(half);
    for (let tap = 0; tap < weights.length; tap++) {
      const from = (start + tap) * stride;
      for (let x = 0; x < stride; x++) sums[x] += weights[tap] * data[from + x];
    }
    for (let x = 0; x < stride; x++) resized[row * stride + x] = toByte(sums[x]);
  });
  return { data: resized, width, height: rows.length };
}

const half = 2 ** (fractionBits - 1);

function inFixedPoint({ start, weights }: SourcePixels): { readonly start: number; readonly weights: Int32Array } {
  const fixed = Int32Array.from(weights, (weight) =>
    Math.trunc(weight * 2 ** fractionBits + (weight < 0 ? -0.5 : 0.5)),
  );
  return { start, weights: fixed };
}

function toByte(sum: number): number {
  const value = sum >> fractionBits;
  return value < 0 ? 0 : Math.min(value, 255);
}
