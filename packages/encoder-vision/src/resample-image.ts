import type { Part } from './center-on-canvas';
import { pixelsLike } from './pixels-like';
import type { OpaquePixels } from './raw-image';
import { resamplingArithmetic } from './resampling-arithmetic';
import type { Kernel } from './resampling-kernels';
import { resamplingWeights, type SourcePixels, spanOf } from './resampling-weights';
import type { Sides } from './sides';

/** A part of a picture, in pixels, which need not be whole. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** What {@link resampleImage} makes of a picture. */
export interface Resampling {
  /** What is taken of it. */
  readonly box: Box;
  /** What that is resized to. */
  readonly size: Sides;
  /** What is wanted of that. */
  readonly part: Part;
  readonly kernel: Kernel;
}

/**
 * A part of what `Image.resize` of Pillow gives: along one side and then the other. Of bytes it is that to the bit, each side
 * rounded to bytes; floats are not rounded. What the part is not made of is not computed.
 */
export function resampleImage(image: OpaquePixels, { box, size, part, kernel }: Resampling): OpaquePixels {
  const rows = sourcesOf(box.top, box.height, image.height, size[0], kernel, { start: part.top, length: part.height });
  const columns = sourcesOf(box.left, box.width, image.width, size[1], kernel, {
    start: part.left,
    length: part.width,
  });
  const source = cutOut(image, rows.span, columns.span);
  return startsDown(image, size)
    ? resizeAcross(resizeDown(source, rows.targets), columns.targets)
    : resizeDown(resizeAcross(source, columns.targets), rows.targets);
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** What a range of targets is made of, counted from where that begins; no targets along a side that stays as it is. */
function sourcesOf(
  origin: number,
  extent: number,
  available: number,
  size: number,
  kernel: Kernel,
  range: { readonly start: number; readonly length: number },
): { readonly span: Span; readonly targets?: readonly SourcePixels[] } {
  if (extent === size && Number.isInteger(origin)) {
    const start = origin + range.start;
    return { span: { start, end: start + range.length } };
  }
  const targets = resamplingWeights(origin, extent, available, size, kernel, range);
  const span = spanOf(targets);
  return { span, targets: targets.map(({ start, weights }) => ({ start: start - span.start, weights })) };
}

function cutOut(image: OpaquePixels, rows: Span, columns: Span): OpaquePixels {
  const { channels } = image;
  const height = rows.end - rows.start;
  const width = columns.end - columns.start;
  if (height === image.height && width === image.width) return image;
  const data = pixelsLike(image.data, height * width * channels);
  for (let row = 0; row < height; row++) {
    const from = ((rows.start + row) * image.width + columns.start) * channels;
    data.set(image.data.subarray(from, from + width * channels), row * width * channels);
  }
  return { data, width, height, channels };
}

/**
 * Which side Pillow 13 resizes first, found by trying: it matters for what is rounded in between, and cut off where a kernel
 * overshoots. Earlier versions always begin across.
 */
function startsDown(image: OpaquePixels, [height, width]: Sides): boolean {
  return height < image.height && image.height - height > 2 * (image.width - width);
}

function resizeAcross(image: OpaquePixels, targets: readonly SourcePixels[] | undefined): OpaquePixels {
  if (!targets) return image;
  const { data, width, height, channels } = image;
  const arithmetic = resamplingArithmetic(data);
  const columns = targets.map(({ start, weights }) => ({ start, weights: arithmetic.weights(weights) }));
  const resized = pixelsLike(data, height * columns.length * channels);
  let out = 0;
  for (let row = 0; row < height; row++) {
    for (const { start, weights } of columns) {
      const first = (row * width + start) * channels;
      for (let c = 0; c < channels; c++) {
        let sum = arithmetic.start;
        for (let tap = 0, at = first + c; tap < weights.length; tap++, at += channels) sum += weights[tap] * data[at];
        resized[out++] = arithmetic.pixel(sum);
      }
    }
  }
  return { data: resized, width: columns.length, height, channels };
}

/** By whole rows, whose pixels lie side by side in memory. */
function resizeDown(image: OpaquePixels, targets: readonly SourcePixels[] | undefined): OpaquePixels {
  if (!targets) return image;
  const { data, width, channels } = image;
  const arithmetic = resamplingArithmetic(data);
  const stride = width * channels;
  const resized = pixelsLike(data, targets.length * stride);
  const sums = arithmetic.sums(stride);
  targets.forEach((target, row) => {
    const weights = arithmetic.weights(target.weights);
    sums.fill(arithmetic.start);
    for (let tap = 0; tap < weights.length; tap++) {
      const from = (target.start + tap) * stride;
      for (let x = 0; x < stride; x++) sums[x] += weights[tap] * data[from + x];
    }
    for (let x = 0; x < stride; x++) resized[row * stride + x] = arithmetic.pixel(sums[x]);
  });
  return { data: resized, width, height: targets.length, channels };
}
