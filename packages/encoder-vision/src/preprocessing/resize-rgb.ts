import type { Kernel } from '../resampling-kernels';
import { resamplingWeights, type SourcePixels } from '../resampling-weights';
import type { RgbImage } from './rgb-image';

/** Pillow holds weights in 32 bits: 8 for the pixel, 2 for what kernels overshoot by, and these. */
const fractionBits = 22;

/** `Image.resize` of Pillow to the bit: along one side and then the other, each in fixed point and rounded to bytes. */
export function resizeRgb(
  image: RgbImage,
  [height, width]: readonly [height: number, width: number],
  kernel: Kernel,
): RgbImage {
  const across = (picture: RgbImage) => (width === picture.width ? picture : resizeAcross(picture, width, kernel));
  const down = (picture: RgbImage) => (height === picture.height ? picture : resizeDown(picture, height, kernel));
  return startsDown(image, height, width) ? across(down(image)) : down(across(image));
}

/**
 * Which side Pillow 13 resizes first, found by trying: it matters for what is rounded in between, and cut off where a kernel
 * overshoots. Earlier versions always begin across.
 */
function startsDown(image: RgbImage, height: number, width: number): boolean {
  return height < image.height && image.height - height > 2 * (image.width - width);
}

function resizeAcross({ data, width, height }: RgbImage, wanted: number, kernel: Kernel): RgbImage {
  const columns = resamplingWeights(0, width, width, wanted, kernel).map(inFixedPoint);
  const resized = new Uint8Array(height * wanted * 3);
  for (let row = 0; row < height; row++) {
    let out = row * wanted * 3;
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
  return { data: resized, width: wanted, height };
}

function resizeDown({ data, width, height }: RgbImage, wanted: number, kernel: Kernel): RgbImage {
  const rows = resamplingWeights(0, height, height, wanted, kernel).map(inFixedPoint);
  const stride = width * 3;
  const resized = new Uint8Array(wanted * stride);
  const sums = new Int32Array(stride);
  rows.forEach(({ start, weights }, row) => {
    sums.fill(half);
    for (let tap = 0; tap < weights.length; tap++) {
      const from = (start + tap) * stride;
      for (let x = 0; x < stride; x++) sums[x] += weights[tap] * data[from + x];
    }
    for (let x = 0; x < stride; x++) resized[row * stride + x] = toByte(sums[x]);
  });
  return { data: resized, width, height: wanted };
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
