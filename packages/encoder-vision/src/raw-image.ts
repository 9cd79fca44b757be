import { describeValue, isDetached, SampleError, unreadableValue } from '@polymodal/core';
import type { Placement } from './placement';

/**
 * A picture as a sample gives it: the path of a file, the bytes of one (PNG, JPEG, WebP, SVG, GIF, TIFF, AVIF), or
 * decoded pixels.
 */
export type RawImage = string | Uint8Array | PixelImage;

/**
 * Decoded pixels, rows from top to bottom, the channels of a pixel side by side.
 *
 * Integer values are 0 to 255. Float values are 0 to 1.
 */
export interface PixelImage {
  readonly data: Uint8Array | Uint8ClampedArray | Float32Array;
  readonly width: number;
  readonly height: number;
  /** 1: grey. 3: RGB. 4: RGB and alpha. */
  readonly channels: 1 | 3 | 4;
}

/** A {@link PixelImage} as the steps of a processor have it. */
export interface Pixels extends PixelImage {
  readonly data: Uint8Array | Float32Array;
  /**
   * Where these pixels come from in the picture as it was given, which augmentations move along; `'turned'` where its sides are not upright any
   * more. Left out where they are that picture, and where nobody asks.
   */
  readonly placement?: Placement | 'turned' | undefined;
}

/** Those without alpha. */
export interface OpaquePixels extends Pixels {
  readonly channels: 1 | 3;
}

/**
 * A raw value as decoded pixels, checked in whole.
 *
 * @throws SampleError for what is neither a file nor pixels, and for pixels that do not add up
 */
export function pixelImage(raw: unknown): Pixels {
  if (typeof raw !== 'object' || raw === null || !('data' in raw)) {
    throw unreadableValue(raw, 'a path, the bytes of an image file, or { data, width, height, channels }');
  }
  const { data, width, height, channels } = raw as Partial<PixelImage>;
  if (!(data instanceof Uint8Array || data instanceof Uint8ClampedArray || data instanceof Float32Array)) {
    throw new SampleError({
      expected: 'pixels in a Uint8Array, Uint8ClampedArray or Float32Array under "data"',
      received: describeValue(data),
      hint: 'A picture is a path, the bytes of an image file, or { data, width, height, channels }.',
    });
  }
  if (!isPositiveInteger(width) || !isPositiveInteger(height)) {
    throw new SampleError({
      expected: 'a width and a height of at least 1 pixel',
      received: `${describeValue(width)} × ${describeValue(height)}`,
    });
  }
  if (channels !== 1 && channels !== 3 && channels !== 4) {
    throw new SampleError({
      expected: '1 channel (grey), 3 (RGB) or 4 (RGB and alpha)',
      received: describeValue(channels),
    });
  }
  if (isDetached(data)) {
    throw new SampleError({
      expected: 'pixels',
      received: 'an array whose buffer was transferred',
      hint: 'Hand over a copy: data.slice().',
    });
  }
  if (data.length !== width * height * channels) {
    throw new SampleError({
      expected: `${width * height * channels} values for ${width} × ${height} pixels of ${channels} channels`,
      received: String(data.length),
      hint: 'The order is row by row, the channels of a pixel side by side.',
    });
  }
  checkFinite(data);
  return { data: unclamped(data), width, height, channels };
}

function checkFinite(data: PixelImage['data']): void {
  if (!(data instanceof Float32Array)) return;
  const index = data.findIndex((value) => !Number.isFinite(value));
  if (index < 0) return;
  throw new SampleError({ expected: 'finite pixel values', received: `${data[index]} at index ${index}` });
}

/** The same bytes. */
function unclamped(data: PixelImage['data']): Pixels['data'] {
  return data instanceof Uint8ClampedArray ? new Uint8Array(data.buffer, data.byteOffset, data.length) : data;
}

function isPositiveInteger(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) > 0;
}
