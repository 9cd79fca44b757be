import { describeThrown, isDetached, type ProcessContext, readSampleFile, SampleError } from '@polymodal/core';
import { readRegularFile } from '@polymodal/core/files';
import { type ImageFormat, imageFormat } from './image-format';

/** Longer than any file of so many pixels as are decoded. */
const maxFileBytes = 2 ** 30;

/** An image file, and what it is. */
export interface ImageFile {
  readonly bytes: Uint8Array;
  readonly format: ImageFormat;
  /** Its path, where it has one. */
  readonly where?: string;
}

/**
 * The content of an image file, given as such or by its path.
 *
 * @throws SampleError if it cannot be read, is empty, or of a format that is not decoded
 */
export async function readImageSource(source: string | Uint8Array, context: ProcessContext): Promise<ImageFile> {
  const bytes = typeof source === 'string' ? await readImageFile(source, context) : source;
  const where = typeof source === 'string' ? { where: source } : {};
  if (bytes.length === 0) {
    throw new SampleError({
      ...where,
      expected: 'the content of an image file',
      received: isDetached(bytes) ? 'bytes whose buffer was transferred' : 'an empty file',
    });
  }
  const found = imageFormat(bytes);
  if (found && 'format' in found) return { bytes, format: found.format, ...where };
  throw new SampleError({
    ...where,
    expected: readable,
    received: found ? `a file of the format ${found.other}` : 'bytes of no picture format',
    hint: found
      ? 'Convert it first, for example with Pillow: Image.open("in").save("out.png").'
      : 'The file is damaged, or no picture. Decoded pixels go in as { data, width, height, channels }.',
  });
}

/** What to throw where a decoder gave up. */
export function undecodableImage({ format, bytes }: ImageFile, cause: unknown): SampleError {
  return new SampleError({
    expected: `a ${format} file that can be decoded`,
    received: `${bytes.length} bytes of which the decoder says: ${describeThrown(cause)}`,
    hint: 'The file is damaged, cut short, or of a kind that is not decoded.',
    cause,
  });
}

const readable = 'a picture in PNG, JPEG, WebP, GIF, TIFF, AVIF or SVG';

function readImageFile(path: string, context: ProcessContext): Promise<Uint8Array> {
  return readSampleFile(path, context, 'an image file', (path) => readRegularFile(path, { maxBytes: maxFileBytes }));
}
