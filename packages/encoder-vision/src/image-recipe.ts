import { ConfigError } from '@polymodal/core';
import { perAxis } from '@polymodal/nn';
import type { DecodedPicture, DecodingOptions } from './decode-picture';
import { fitImage, type ImageFit } from './fit-image';
import { channelValues, type ImageOptions } from './image-options';
import type { PixelScale } from './normalize-pixels';
import type { Pixels } from './raw-image';
import type { Colour, Transparency } from './remove-alpha';
import type { Kernel } from './resampling-kernels';
import type { Sides } from './sides';

/**
 * What an `ImageProcessor` makes of pictures: {@link imageRecipe} has it from the options of a slot, `pretrainedImageProcessor`
 * from a `preprocessor_config.json`.
 */
export interface ImageRecipe extends PixelScale, Pick<DecodingOptions, 'deepGrey'> {
  readonly channels: 1 | 3;
  /** Whether floats stay exact, or become bytes before anything else, as Pillow would have them. */
  readonly floats: 'exact' | 'bytes';
  /** What becomes of a picture's transparent pixels. */
  transparencyOf(picture: Pixels | DecodedPicture): Transparency;
  /** @throws SampleError if nothing, or far more than there is, would be made of a picture of the given sides */
  fit(sides: Sides): ImageFit;
  readonly kernel: Kernel;
  /** Around pictures that leave room on their canvas. */
  readonly background: Colour;
}

/**
 * What the options of a slot ask for.
 *
 * @throws ConfigError for a `mean` or `std` of another length than `channels` or a `std` that is not positive
 */
export function imageRecipe(options: ImageOptions): ImageRecipe {
  const { channels, kernel, background } = options;
  const std = channelValues(options.std, channels, 'std');
  if (std.some((value) => value <= 0)) {
    throw new ConfigError({ where: 'std', expected: 'positive numbers', received: String(std) });
  }
  return {
    channels,
    floats: 'exact',
    deepGrey: 'scale',
    transparencyOf: () => background,
    fit: (sides) => fitImage(sides, perAxis(options.imageSize), options.resize),
    kernel,
    background,
    scale: 1 / 255,
    mean: channelValues(options.mean, channels, 'mean'),
    std,
  };
}
