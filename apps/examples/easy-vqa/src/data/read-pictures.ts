import { join } from 'node:path';
import { FileFormatError } from '@polymodal/core';
import type { PixelImage } from '@polymodal/encoder-vision';
import sharp from 'sharp';

/** How many are decoded at a time. */
const concurrency = 16;
/** Those of easy-VQA have 64 pixels a side. */
const mostPixels = 2 ** 20;

/**
 * The pictures of a folder, each decoded once, since there are many questions about each.
 *
 * @throws FileFormatError for a file that is no picture of at most a million pixels
 */
export async function readPictures(
  folder: string,
  names: readonly string[],
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, PixelImage>> {
  const pictures = new Map<string, PixelImage>();
  for (let start = 0; start < names.length; start += concurrency) {
    signal?.throwIfAborted();
    const some = names.slice(start, start + concurrency);
    const read = await Promise.all(some.map((name) => readPicture(join(folder, name))));
    some.forEach((name, index) => pictures.set(name, read[index]));
  }
  return pictures;
}

async function readPicture(path: string): Promise<PixelImage> {
  try {
    const rgb = sharp(path, { limitInputPixels: mostPixels, failOn: 'error' }).removeAlpha().toColourspace('srgb');
    const { data, info } = await rgb.raw().toBuffer({ resolveWithObject: true });
    return { data: new Uint8Array(data), width: info.width, height: info.height, channels: 3 };
  } catch (cause) {
    const received = cause instanceof Error ? cause.message : String(cause);
    throw new FileFormatError({ where: path, expected: 'a picture that can be decoded', received, cause });
  }
}
