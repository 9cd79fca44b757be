import { readFile } from 'node:fs/promises';
import { describeValue, SampleError } from '@polymodal/core';
import sharp, { type Sharp } from 'sharp';
import { type ImageOptions, imageSides } from './image-options';
import type { PixelImage } from './raw-image';

/**
 * Reads an image file: turned as its EXIF orientation says, in sRGB, on the background, in the right size.
 *
 * @param source path or content of the file
 * @returns RGB pixels
 * @throws SampleError if it cannot be read or decoded
 */
export async function decodeImage(source: string | Uint8Array, options: ImageOptions): Promise<PixelImage> {
  const where = typeof source === 'string' ? `"${source}"` : `${source.length} bytes`;
  const bytes = typeof source === 'string' ? await readImageFile(source) : source;
  if (bytes.length === 0) {
    throw new SampleError({ expected: 'the content of an image file', received: `an empty file (${where})` });
  }
  try {
    const image = sharp(bytes, { failOn: 'error', density: await renderingDensity(bytes, options) });
    const upright = image.autoOrient().flatten({ background: backgroundColour(options) });
    return await pixels(resize(upright, options));
  } catch (cause) {
    throw new SampleError({
      expected: 'an image file that can be decoded (PNG, JPEG, WebP, SVG, GIF, TIFF or AVIF)',
      received: `${where}: ${(cause as Error).message.trim()}`,
      hint: 'The file is damaged, cut short, or no picture. Decoded pixels go in as { data, width, height, channels }.',
      cause,
    });
  }
}

/** Decoded pixels, without alpha, in the right size. Floats are resampled with 16 bits. */
export async function resizePixels(image: PixelImage, options: ImageOptions): Promise<PixelImage> {
  const { data, width, height, channels } = image;
  if (!(data instanceof Float32Array))
    return pixels(resize(sharp(data, { raw: { width, height, channels } }), options));
  const words = Uint16Array.from(data, (value) => Math.round(65535 * Math.min(Math.max(value, 0), 1)));
  const resized = resize(sharp(words, { raw: { width, height, channels } }), options);
  const { data: bytes, info } = await resized
    .toColourspace('rgb16')
    .raw({ depth: 'ushort' })
    .toBuffer({ resolveWithObject: true });
  const values = new Uint16Array(bytes.buffer, bytes.byteOffset, info.width * info.height * 3);
  return { data: Float32Array.from(values, (v) => v / 65535), width: info.width, height: info.height, channels: 3 };
}

const sharpFits = { squash: 'fill', cover: 'cover', contain: 'contain' } as const;
const sharpKernels = { nearest: 'nearest', bilinear: 'linear', bicubic: 'cubic', lanczos: 'lanczos3' } as const;

function resize(image: Sharp, options: ImageOptions): Sharp {
  const [height, width] = imageSides(options.imageSize);
  return image.resize(width, height, {
    fit: sharpFits[options.resize],
    kernel: sharpKernels[options.kernel],
    background: backgroundColour(options),
    fastShrinkOnLoad: false, // it would shrink JPEG and WebP with another filter first
  });
}

function backgroundColour({ background: [r, g, b] }: ImageOptions) {
  return { r, g, b };
}

async function pixels(image: Sharp): Promise<PixelImage> {
  const { data, info } = await image.toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height, channels: 3 };
}

/** Vector graphics are rendered at the size that is needed, so that a small one does not come out blurred. */
async function renderingDensity(bytes: Uint8Array, options: ImageOptions): Promise<number> {
  const { format, width, height, density = 72 } = await sharp(bytes).metadata();
  if (format !== 'svg') return density;
  const [targetHeight, targetWidth] = imageSides(options.imageSize);
  return Math.min(Math.max(density * Math.max(targetWidth / width, targetHeight / height), 1), 100_000);
}

async function readImageFile(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new SampleError({
      expected: 'the path of an image file',
      received: `${describeValue(path)}, which cannot be read (${(cause as NodeJS.ErrnoException).code})`,
      hint: 'Relative paths start at the working directory of the process.',
      cause,
    });
  }
}
