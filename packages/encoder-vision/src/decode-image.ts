import { type ImageOptions, imageSides } from './image-options';
import { readImageSource, undecodableImage } from './image-source';
import { loadSharp } from './load-sharp';
import type { PixelImage } from './raw-image';

/**
 * Reads an image file: turned as its EXIF orientation says, in sRGB, laid over the background.
 *
 * @param source path or content of the file
 * @returns RGB pixels
 * @throws SampleError if it cannot be read or decoded
 */
export async function decodeImage(source: string | Uint8Array, options: ImageOptions): Promise<PixelImage> {
  const bytes = await readImageSource(source);
  const sharp = await loadSharp();
  const [r, g, b] = options.background;
  try {
    const image = sharp(bytes, { failOn: 'error', density: await renderingDensity(bytes, options) });
    const flat = image.autoOrient().flatten({ background: { r, g, b } }).toColourspace('srgb');
    const { data, info } = await flat.raw().toBuffer({ resolveWithObject: true });
    return { data, width: info.width, height: info.height, channels: 3 };
  } catch (cause) {
    throw undecodableImage(source, cause);
  }
}

/** Vector graphics are rendered at the size that is needed, so that a small one does not come out blurred. */
async function renderingDensity(bytes: Uint8Array, options: ImageOptions): Promise<number> {
  const sharp = await loadSharp();
  const { format, width, height, density = 72 } = await sharp(bytes).metadata();
  if (format !== 'svg') return density;
  const [wantedHeight, wantedWidth] = imageSides(options.imageSize);
  return Math.min(Math.max(density * Math.max(wantedWidth / width, wantedHeight / height), 1), 100_000);
}
