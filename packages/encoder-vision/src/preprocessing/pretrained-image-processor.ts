import { parseConfig, SampleError } from '@polymodal/core';
import { z } from 'zod';
import type { DecodedPicture } from '../decode-picture';
import type { ImageFit } from '../fit-image';
import { colour } from '../image-options';
import { ImageProcessor } from '../image-processor';
import type { ImageRecipe } from '../image-recipe';
import type { Pixels } from '../raw-image';
import type { Transparency } from '../remove-alpha';
import type { Sides } from '../sides';
import { TilingImageProcessor, wholeTiles } from '../tiling-image-processor';
import type { ImageProcessorType } from './image-processor-type';
import { resizedSides } from './image-size';
import { type PreprocessorOptions, parsePreprocessorOptions } from './preprocessor-options';

/** What a `preprocessor_config.json` does not say. */
export interface PretrainedImageProcessorSettings {
  /** The class whose defaults hold in a file that names none. */
  readonly type?: ImageProcessorType;
  /**
   * What becomes of transparent pixels. Unless told, what Python does: files given by their path keep the colours that are
   * stored (`drop`), except that with `do_convert_rgb` a file's one transparent colour becomes white; decoded pixels are
   * laid over white.
   */
  readonly transparency?: Transparency;
}

/**
 * Makes the processor that a `preprocessor_config.json` of Hugging Face describes: `pixelValues` (H, W, 3), as its image
 * processors compute them with Pillow, resized, cut to the middle, rescaled and normalised (HF `PilBackend`); of classes that divide
 * pictures a `TilingImageProcessor`, whose tiles are values of a slot with `several`.
 *
 * Everything up to rescaling is done in bytes. Decoded floats are rounded to bytes first.
 *
 * @param content of the file, parsed as JSON
 * @throws ConfigError for options that are unknown or not implemented, UnknownNameError for another class
 */
export function pretrainedImageProcessor(
  content: unknown,
  settings: PretrainedImageProcessorSettings = {},
): ImageProcessor {
  const { transparency } = parseConfig(settingsSchema, settings, '');
  const options = parsePreprocessorOptions(content, settings.type);
  const { kernel, tiling, scale, mean, std } = options;
  const recipe: ImageRecipe = {
    channels: 3,
    floats: 'bytes',
    deepGrey: 'clip',
    transparencyOf: (picture) => transparency ?? pythonTransparency(picture, options),
    fit: (sides) => fitToOptions(sides, options),
    kernel,
    background: [0, 0, 0],
    ...{ scale, mean, std },
  };
  return tiling ? new TilingImageProcessor(recipe, tiling) : new ImageProcessor(recipe);
}

const settingsSchema = z.strictObject({
  type: z.string().optional(), // its name is looked up beside the file's
  transparency: z.union([z.literal('drop'), colour]).optional(),
});

function pythonTransparency(picture: Pixels | DecodedPicture, { convertRgb }: PreprocessorOptions): Transparency {
  if (!('oneColour' in picture)) return white;
  return picture.oneColour && convertRgb ? white : 'drop';
}

const white = [255, 255, 255] as const;

function fitToOptions([height, width]: Sides, { size: wanted, crop, tiling }: PreprocessorOptions): ImageFit {
  const size = wanted ? resizedSides([height, width], wanted) : ([height, width] as const);
  const canvas = crop ?? size;
  checkSides([height, width], size, tiling?.splits ? wholeTiles(canvas, tiling.tileSize) : canvas);
  return { box: { left: 0, top: 0, width, height }, size, canvas };
}

/** More pixels than this are not made of a smaller picture. They are 200 megabytes of features. */
const maxPixels = 2 ** 24;

function checkSides([height, width]: Sides, size: Sides, canvas: Sides): void {
  const received = (becomes: Sides) => `${width} × ${height} pixels, which become ${becomes[1]} × ${becomes[0]}`;
  if (size.some((side) => side < 1)) {
    throw new SampleError({
      expected: 'a picture of which a pixel is left when its sides shrink alike',
      received: received(size),
    });
  }
  if (canvas[0] * canvas[1] > Math.max(maxPixels, height * width)) {
    throw new SampleError({
      expected: `a picture that becomes at most ${maxPixels} pixels, or no more than it has`,
      received: received(canvas),
      hint: 'It is too thin for options that keep its shape: cut it, or use a processor that crops.',
    });
  }
}
