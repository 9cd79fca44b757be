import { SampleError } from '@polymodal/core';

/**
 * The library that decodes pictures, loaded with the first of them: what starts a model does not wait for it.
 *
 * @throws SampleError where there is none: bundles for browsers leave it out
 */
export async function loadSharp(): Promise<typeof import('sharp').default> {
  const sharp = await import('sharp').then(
    (module) => module.default,
    (cause: unknown) => cause,
  );
  if (typeof sharp === 'function') return sharp as typeof import('sharp').default;
  throw new SampleError({
    expected: 'decoded pixels, { data, width, height, channels }',
    received: 'an image file, where the package "sharp" that decodes them cannot be loaded',
    hint: 'In a browser, draw the picture on a canvas: getImageData gives data, width and height, of 4 channels.',
    ...(sharp !== undefined && { cause: sharp }),
  });
}
