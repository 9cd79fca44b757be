import type * as tf from '@tensorflow/tfjs-core';
import type { Trace, Value } from '../trace';
import { int64, reshape, slice, transpose } from './operators';
import { paddings, planeWindow } from './spatial';

type Conv2DInfo = tf.backend_util.Conv2DInfo;

/** Larger column matrices of a picture, in elements, cost more memory than they save time. */
const maxElements = 2 ** 24;
/** Columns of some pictures that stay in the processor's cache until they are multiplied, in elements. */
const cachedElements = 2 ** 20;
/** More pieces than this make more operations than they save time. */
const maxPieces = 16;
/** More slices than this are slower than a convolution. */
const maxFilterArea = 32;
/** Places that are named one by one become part of the program: of 60 × 60 windows of 3 × 3, no more, … */
const maxPlaces = 2 ** 15;
/** … and only where so many elements are copied for each. */
const minCopied = 128;

/** True if the filter's windows tile the image exactly (a pointwise convolution is the smallest such case). */
export function tilesExactly(info: Conv2DInfo): boolean {
  const { filterHeight, filterWidth, outHeight, outWidth } = info;
  return (
    info.strideHeight === filterHeight &&
    info.strideWidth === filterWidth &&
    info.dilationHeight === 1 &&
    info.dilationWidth === 1 &&
    info.padInfo.top === 0 &&
    info.padInfo.left === 0 &&
    info.inHeight === outHeight * filterHeight &&
    info.inWidth === outWidth * filterWidth
  );
}

/** True if {@link columns} is a good way to get at the windows. */
export function fitsColumns(info: Conv2DInfo): boolean {
  const isSmall = info.filterHeight * info.filterWidth <= maxFilterArea && elementsOfPicture(info) <= maxElements;
  return tilesExactly(info) || isSmall;
}

/** How many pictures at a time are best made columns of, where these are multiplied and added up: of tiles, which are hardly moved, all. */
export function picturesAtOnce(info: Conv2DInfo): number {
  const { batchSize } = info;
  if (tilesExactly(info)) return batchSize;
  const pieces = Math.min(maxPieces, Math.ceil((batchSize * elementsOfPicture(info)) / cachedElements));
  return Math.ceil(batchSize / pieces);
}

function elementsOfPicture({ outHeight, outWidth, filterHeight, filterWidth, inChannels }: Conv2DInfo): number {
  return outHeight * outWidth * filterHeight * filterWidth * inChannels;
}

/** Every window of the image as a row: (B, H, W, C) → (B·H'·W', KH·KW·C), in the order of a filter (KH, KW, C, O). */
export function columns(trace: Trace, x: Value, info: Conv2DInfo): Value {
  const { batchSize, outHeight, outWidth, filterHeight, filterWidth, inChannels } = info;
  const isFew = outHeight * outWidth * filterHeight * filterWidth <= maxPlaces && batchSize * inChannels >= minCopied;
  const windows = tilesExactly(info) ? tiles(trace, x, info) : (isFew ? gathered : shifts)(trace, x, info);
  return reshape(trace, windows, [batchSize * outHeight * outWidth, filterHeight * filterWidth * inChannels]);
}

/** The inverse of {@link columns} where the windows tile the image: (B·H'·W', KH·KW·C) → (B, H, W, C). */
export function untile(trace: Trace, rows: Value, info: Conv2DInfo): Value {
  const { batchSize, outHeight, outWidth, filterHeight, filterWidth, inChannels } = info;
  const shape = [batchSize, outHeight, outWidth, filterHeight, filterWidth, inChannels];
  const image = swapInner(trace, reshape(trace, rows, shape));
  return reshape(trace, image, [batchSize, info.inHeight, info.inWidth, inChannels]);
}

function tiles(trace: Trace, x: Value, info: Conv2DInfo): Value {
  const { batchSize, outHeight, outWidth, filterHeight, filterWidth, inChannels } = info;
  const shape = [batchSize, outHeight, filterHeight, outWidth, filterWidth, inChannels];
  return swapInner(trace, reshape(trace, x, shape));
}

/** Exchanges axes 2 and 3 of six; nothing moves where one of them has size 1. */
function swapInner(trace: Trace, x: Value): Value {
  const [a, b, c, d, e, f] = x.shape as [number, number, number, number, number, number];
  if (c === 1 || d === 1) return reshape(trace, x, [a, b, d, c, e, f]);
  return transpose(trace, x, [0, 1, 3, 2, 4, 5]);
}

/** Every place of every window looked up among those of the image, and a last one of zeros for the padding: one copy in all. */
function gathered(trace: Trace, x: Value, info: Conv2DInfo): Value {
  const { batchSize, inHeight, inWidth, inChannels } = info;
  const area = inHeight * inWidth;
  const places = placesOf(info);
  const shape = [batchSize, area + Number(places.includes(area)), inChannels];
  const image = reshape(trace, x, [batchSize, area, inChannels]);
  const behind = int64([0, 0, 0, 0, shape[1]! - area, 0]);
  const padded = shape[1] === area ? image : trace.add('Pad', [image, behind], shape, x.type);
  return trace.add('Gather', [padded, int64(places)], [batchSize, places.length, inChannels], x.type, { axis: 1 });
}

/** Where in the image each place of each window is, or behind it. */
function placesOf(info: Conv2DInfo): number[] {
  const { inHeight, inWidth, outHeight, outWidth, filterHeight, filterWidth, padInfo } = info;
  const places: number[] = [];
  for (let top = -padInfo.top, i = 0; i < outHeight; top += info.strideHeight, i++)
    for (let left = -padInfo.left, j = 0; j < outWidth; left += info.strideWidth, j++)
      for (let row = 0; row < filterHeight; row++)
        for (let column = 0; column < filterWidth; column++) {
          const [y, x] = [top + row * info.dilationHeight, left + column * info.dilationWidth];
          const isInside = y >= 0 && y < inHeight && x >= 0 && x < inWidth;
          places.push(isInside ? y * inWidth + x : inHeight * inWidth);
        }
  return places;
}

/** One strided slice of the padded image per position in the filter, side by side. */
function shifts(trace: Trace, x: Value, info: Conv2DInfo): Value {
  const { batchSize, outHeight, outWidth, filterHeight, filterWidth, inChannels } = info;
  const padded = padImage(trace, x, paddings(planeWindow(info)));
  const shape = [batchSize, outHeight, outWidth, inChannels];
  const parts: Value[] = [];
  for (let row = 0; row < filterHeight; row++) {
    for (let column = 0; column < filterWidth; column++) {
      const [top, left] = [row * info.dilationHeight, column * info.dilationWidth];
      parts.push(every(trace, padded, [top, left], [info.strideHeight, info.strideWidth], shape));
    }
  }
  if (parts.length === 1) return parts[0]!;
  return trace.add('Concat', parts, [...shape.slice(0, 3), parts.length * inChannels], x.type, { axis: 3 });
}

function padImage(trace: Trace, x: Value, pads: readonly number[]): Value {
  const [top, left, bottom, right] = pads as [number, number, number, number];
  if (top + left + bottom + right === 0) return x;
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const shape = [batch, top + height + bottom, left + width + right, channels];
  return trace.add('Pad', [x, int64([0, top, left, 0, 0, bottom, right, 0])], shape, x.type);
}

/** Rows and columns from `start` in steps of `stride`, as many as `shape` says. */
function every(trace: Trace, x: Value, start: [number, number], stride: [number, number], shape: number[]): Value {
  const [, height, width] = shape as [number, number, number];
  const size = [(height - 1) * stride[0] + 1, (width - 1) * stride[1] + 1] as const;
  if (stride[0] === 1 && stride[1] === 1) return slice(trace, x, [0, ...start, 0], shape);
  const end = [start[0] + size[0], start[1] + size[1]];
  return trace.add('Slice', [x, int64(start), int64(end), int64([1, 2]), int64(stride)], shape, x.type);
}
