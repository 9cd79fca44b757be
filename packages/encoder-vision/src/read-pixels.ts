import type { ProcessContext } from '@polymodal/core';
import { convertChannels } from './convert-channels';
import { type DecodedPicture, decodePicture } from './decode-picture';
import type { ImageRecipe } from './image-recipe';
import { type OpaquePixels, type Pixels, pixelImage, type RawImage } from './raw-image';
import { removeAlpha } from './remove-alpha';

/**
 * A picture as pixels of its own size, upright, without alpha, of as many channels as a recipe wants.
 *
 * @throws SampleError for a file that is missing or damaged, or pixels that do not add up
 */
export async function readPixels(raw: RawImage, recipe: ImageRecipe, context: ProcessContext): Promise<OpaquePixels> {
  const picture = isFile(raw)
    ? await decodePicture(raw, { neededSides: (sides) => recipe.fit(sides).size, deepGrey: recipe.deepGrey }, context)
    : pixelImage(raw);
  const image = recipe.floats === 'bytes' ? roundToBytes(picture) : picture;
  const pixels = convertChannels(removeAlpha(image, recipe.transparencyOf(picture)), recipe.channels);
  const placement = isFile(raw) ? (picture as DecodedPicture).placement : (raw as Pixels).placement;
  return placement ? { ...pixels, placement } : pixels;
}

function isFile(raw: RawImage): raw is string | Uint8Array {
  return typeof raw === 'string' || raw instanceof Uint8Array;
}

/** A picture whose floats, 0 to 1, have become the nearest bytes. */
export function roundToBytes<P extends Pixels>(image: P): P & { readonly data: Uint8Array } {
  if (isBytes(image)) return image;
  const data = Uint8Array.from(image.data, (value) => Math.round(255 * Math.min(Math.max(value, 0), 1)));
  return { ...image, data };
}

function isBytes<P extends Pixels>(image: P): image is P & { readonly data: Uint8Array } {
  return image.data instanceof Uint8Array;
}
