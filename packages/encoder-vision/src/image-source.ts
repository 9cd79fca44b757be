import { readFile } from 'node:fs/promises';
import { describeValue, SampleError } from '@polymodal/core';

/** The content of an image file, given as such or by its path. @throws SampleError if it cannot be read or is empty */
export async function readImageSource(source: string | Uint8Array): Promise<Uint8Array> {
  const bytes = typeof source === 'string' ? await readImageFile(source) : source;
  if (bytes.length > 0) return bytes;
  throw new SampleError({ expected: 'the content of an image file', received: `an empty file (${nameOf(source)})` });
}

/** What to throw where a decoder gave up. */
export function undecodableImage(source: string | Uint8Array, cause: unknown): SampleError {
  return new SampleError({
    expected: 'an image file that can be decoded (PNG, JPEG, WebP, SVG, GIF, TIFF or AVIF)',
    received: `${nameOf(source)}: ${(cause as Error).message.trim()}`,
    hint: 'The file is damaged, cut short, or no picture. Decoded pixels go in as { data, width, height, channels }.',
    cause,
  });
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

function nameOf(source: string | Uint8Array): string {
  return typeof source === 'string' ? `"${source}"` : `${source.length} bytes`;
}
