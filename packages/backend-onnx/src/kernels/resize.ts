import type * as tf from '@tensorflow/tfjs-core';
import { ElementType } from '../onnx/element-type';
import type { Trace, Value } from '../trace';
import { floats, type NativeKernel, nativeKernel, numbers } from './native-kernel';
import { cast, int64, reshape } from './operators';

interface ResizeAttributes {
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}

/** Where in the input an output position lies, and how much of it comes from the input position after that. */
interface Tap {
  readonly from: number;
  readonly to: number;
  readonly share: number;
}

/** Resizing of images (B, H, W, C) with its gradients. */
export const resizeKernels: readonly NativeKernel[] = [
  nativeKernel<tf.ResizeNearestNeighborAttrs, 'images'>(
    'ResizeNearestNeighbor',
    numbers,
    (trace, { images }, attributes) =>
      attributes.size.reduce((image, size, i) => {
        const taps = nearestTaps(image.shape[i + 1]!, size, attributes);
        return pick(
          trace,
          image,
          taps.map(({ from }) => from),
          i + 1,
        );
      }, images),
  ),
  nativeKernel<tf.ResizeBilinearAttrs, 'images'>('ResizeBilinear', numbers, (trace, { images }, attributes) => {
    const [batch, , , channels] = images.shape as [number, number, number, number];
    const shape = [batch, ...attributes.size, channels];
    const image = cast(trace, images, ElementType.float32);
    return trace.add('Resize', [image, null, null, int64(shape)], shape, image.type, {
      mode: 'linear',
      coordinate_transformation_mode: coordinates(attributes),
    });
  }),
  nativeKernel<ResizeAttributes, 'images' | 'dy'>(
    'ResizeNearestNeighborGrad',
    floats,
    (trace, { images, dy }, attributes) => spread(trace, dy, images.shape, attributes, nearestTaps),
  ),
  nativeKernel<ResizeAttributes, 'images' | 'dy'>('ResizeBilinearGrad', floats, (trace, { images, dy }, attributes) =>
    spread(trace, dy, images.shape, attributes, linearTaps),
  ),
];

function coordinates({ alignCorners, halfPixelCenters }: ResizeAttributes): string {
  if (halfPixelCenters) return 'half_pixel';
  return alignCorners ? 'align_corners' : 'asymmetric';
}

/** Input positions per output position. */
function ratio(inSize: number, outSize: number, alignCorners: boolean): number {
  return alignCorners && outSize > 1 ? (inSize - 1) / (outSize - 1) : inSize / outSize;
}

function nearestTaps(inSize: number, outSize: number, { alignCorners, halfPixelCenters }: ResizeAttributes): Tap[] {
  const scale = ratio(inSize, outSize, alignCorners);
  return Array.from({ length: outSize }, (_, position) => {
    const exact = scale * (halfPixelCenters ? position + 0.5 : position);
    const from = Math.max(0, Math.min(inSize - 1, alignCorners ? Math.round(exact) : Math.floor(exact)));
    return { from, to: from, share: 0 };
  });
}

function linearTaps(inSize: number, outSize: number, { alignCorners, halfPixelCenters }: ResizeAttributes): Tap[] {
  const scale = ratio(inSize, outSize, alignCorners);
  return Array.from({ length: outSize }, (_, position) => {
    const exact = halfPixelCenters ? Math.max(0, scale * (position + 0.5) - 0.5) : scale * position;
    const from = Math.min(inSize - 1, Math.floor(exact));
    return { from, to: Math.min(inSize - 1, Math.ceil(exact)), share: exact - from };
  });
}

/** Elements along an axis, by positions that are known. */
function pick(trace: Trace, x: Value, positions: readonly number[], axis: number): Value {
  if (positions.length === x.shape[axis] && positions.every((from, to) => from === to)) return x;
  const shape = x.shape.map((size, i) => (i === axis ? positions.length : size));
  return trace.add('Gather', [x, int64(positions)], shape, x.type, { axis });
}

/** The gradient of a resizing: resizing is linear along each of the two axes, so it is two products with matrices. */
function spread(
  trace: Trace,
  dy: Value,
  shape: number[],
  attributes: ResizeAttributes,
  tapsOf: typeof linearTaps,
): Value {
  const [batch, height, width, channels] = shape as [number, number, number, number];
  const [, outHeight, outWidth] = dy.shape as [number, number, number, number];
  const rows = tapMatrix(trace, tapsOf(height, outHeight, attributes), height); // (H, H')
  const columns = tapMatrix(trace, tapsOf(width, outWidth, attributes), width); // (W, W')
  const bands = reshape(trace, dy, [batch, outHeight, outWidth * channels]);
  const upright = trace.add('MatMul', [rows, bands], [batch, height, outWidth * channels]);
  const lines = reshape(trace, upright, [batch * height, outWidth, channels]);
  const whole = trace.add('MatMul', [columns, lines], [batch * height, width, channels]);
  return reshape(trace, whole, shape);
}

/** (inSize, outSize): how much of each input position every output position holds. */
function tapMatrix(trace: Trace, taps: readonly Tap[], inSize: number): Value {
  const matrix = new Float32Array(inSize * taps.length);
  taps.forEach(({ from, to, share }, position) => {
    matrix[from * taps.length + position]! += 1 - share;
    matrix[to * taps.length + position]! += share;
  });
  return trace.input(matrix, ElementType.float32, [inSize, taps.length]);
}
