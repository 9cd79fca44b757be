import { SampleError } from '@polymodal/core';
import { describe, expect, it, vi } from 'vitest';
import { imageOptions } from './image-options';
import { ImageProcessor } from './image-processor';
import { imageRecipe } from './image-recipe';

// What bundlers make of a package that package.json leaves out of bundles for browsers.
vi.mock('sharp', () => ({ default: undefined }));

describe('where sharp is left out', () => {
  const processor = new ImageProcessor(imageRecipe(imageOptions.parse({ imageSize: 1 })));

  it('files are refused, saying what to pass, and pixels are taken', async () => {
    const png = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
    const error = await processor.process(png).catch((error) => error);
    expect(error).toBeInstanceOf(SampleError);
    expect(error.message).toContain('expected decoded pixels, { data, width, height, channels }');
    expect(error.message).toContain('getImageData');
    const rgba = { data: new Uint8ClampedArray(4), width: 1, height: 1, channels: 4 } as const;
    expect((await processor.process(rgba)).pixelValues.shape).toEqual([1, 1, 3]);
  });
});
