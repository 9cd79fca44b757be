import { describeThrown, SampleError } from '@polymodal/core';
import { readRegularFile } from '@polymodal/core/files';
import sharp from 'sharp';
import type { Viewer } from '../inspect/viewer';

/** Longer and wider than what is shown. */
const previewSize = 160;

const mostBytes = 2 ** 30;
const mostPixels = 2 ** 28;

/** Decodes pictures with sharp, which has to be installed: width and height in pixels, and a small copy of them. */
export const pictureViewer: Viewer = {
  async view(file) {
    const bytes = typeof file === 'string' ? await readRegularFile(file, { maxBytes: mostBytes }) : file;
    const picture = () => sharp(bytes, { limitInputPixels: mostPixels, failOn: 'error' });
    const width = previewSize;
    try {
      const { width: wide, height: high } = await picture().metadata();
      const preview = await picture()
        .autoOrient()
        .resize({ width, height: width, fit: 'inside', withoutEnlargement: true })
        .png()
        .toBuffer();
      return { lengths: { 'pixels wide': wide, 'pixels high': high }, preview: async () => new Uint8Array(preview) };
    } catch (cause) {
      throw new SampleError({
        expected: 'a picture that can be decoded',
        received: `${bytes.length} bytes of which the decoder says: ${describeThrown(cause)}`,
        cause,
      });
    }
  },
};
