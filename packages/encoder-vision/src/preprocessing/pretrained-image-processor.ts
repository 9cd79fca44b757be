import {
  commonLengths,
  type Features,
  hostTensor,
  isRecord,
  type Lengths,
  type ProcessContext,
  type Processor,
  padAndStack,
  requireArgument,
  SampleError,
} from '@polymodal/core';
import { decodePicture } from '../decode-picture';
import { type PixelImage, pixelImage, type RawImage } from '../raw-image';
import { centerPart, padAround } from './center-crop';
import type { ImageProcessorType } from './image-processor-type';
import { resizedSides } from './image-size';
import { type PreprocessorOptions, parsePreprocessorOptions } from './preprocessor-options';
import { removeAlpha, type Transparency } from './remove-alpha';
import { resizeRgb } from './resize-rgb';
import type { RgbImage } from './rgb-image';

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
 * Pictures to `pixelValues` (H, W, 3), channels last, as a `preprocessor_config.json` of Hugging Face says and as its image
 * processors compute them with Pillow: resized, cut to the middle, rescaled and normalised (HF `PilBackend`).
 *
 * Everything up to rescaling is done in bytes. Decoded floats are rounded to bytes first.
 */
export class PretrainedImageProcessor implements Processor<RawImage> {
  readonly options: PreprocessorOptions;
  readonly #transparency: Transparency | undefined;

  /**
   * @param content of a `preprocessor_config.json`, parsed as JSON
   * @throws ConfigError for options that are unknown or not implemented, UnknownNameError for another class
   */
  constructor(content: unknown, settings: PretrainedImageProcessorSettings = {}) {
    requireArgument(isRecord(settings), 'PretrainedImageProcessor', 'an object of settings', settings);
    this.options = parsePreprocessorOptions(content, settings.type);
    this.#transparency = settings.transparency;
  }

  /** @throws SampleError for a file that is missing or damaged, or pixels that do not add up */
  async process(raw: RawImage, context: ProcessContext = { training: false }): Promise<Features> {
    const { resize, crop } = this.options;
    const image = await this.#read(raw, context);
    const sides = this.#sides(image);
    const wanted = crop ?? sides;
    checkResult(wanted, image);
    const part = centerPart(sides, wanted);
    const seen = resizeRgb(image, sides, resize?.kernel ?? 'nearest', part);
    const { data, height, width } = padAround(seen, sides, wanted);
    return { pixelValues: hostTensor(this.#normalize(data), [height, width, 3]) };
  }

  /** @throws ShapeError if the pictures are of different sizes, which only options without a crop allow */
  collate(rows: readonly Features[], lengths?: Lengths): Features {
    const shapes = rows.map((row) => this.shape(row));
    commonLengths(shapes, lengths); // there are none
    return { pixelValues: padAndStack(rows.map(({ pixelValues }) => pixelValues)) };
  }

  /** Height and width, which options without a crop leave as they are. */
  shape({ pixelValues }: Features) {
    const [height, width] = pixelValues.shape;
    return { fixed: [height, width] };
  }

  async #read(raw: RawImage, context: ProcessContext): Promise<RgbImage> {
    if (typeof raw !== 'string' && !(raw instanceof Uint8Array))
      return rgbOf(pixelImage(raw), this.#transparency ?? 'white');
    const { resize, convertRgb } = this.options;
    const neededSides = (sides: Sides) => (resize ? resizedSides(sides, resize.size) : sides);
    const picture = await decodePicture(raw, { neededSides, deepGrey: 'clip' }, context);
    const byDefault = picture.oneColour && convertRgb ? 'white' : 'drop';
    return rgbOf(picture, this.#transparency ?? byDefault);
  }

  /** That a picture has once it is resized, before it is cut. */
  #sides({ height, width }: RgbImage): Sides {
    const { resize } = this.options;
    const sides = resize ? resizedSides([height, width], resize.size) : ([height, width] as const);
    if (sides.every((side) => side >= 1)) return sides;
    throw new SampleError({
      expected: 'a picture of which a pixel is left when its sides shrink alike',
      received: `${width} × ${height} pixels, which become ${sides[1]} × ${sides[0]}`,
    });
  }

  #normalize(bytes: Uint8Array): Float32Array {
    const { scale, mean, std } = this.options;
    const values = new Float32Array(bytes.length);
    for (let c = 0; c < 3; c++) {
      const table = Float32Array.from({ length: 256 }, (_, byte) => (byte * scale - mean[c]) / std[c]);
      for (let at = c; at < bytes.length; at += 3) values[at] = table[bytes[at]];
    }
    return values;
  }
}

type Sides = readonly [height: number, width: number];

/** More pixels than this are not made of a smaller picture. They are 200 megabytes of features. */
const maxPixels = 2 ** 24;

function checkResult([height, width]: Sides, image: RgbImage): void {
  if (height * width <= Math.max(maxPixels, image.height * image.width)) return;
  throw new SampleError({
    expected: `a picture that becomes at most ${maxPixels} pixels, or no more than it has`,
    received: `${image.width} × ${image.height} pixels, which become ${width} × ${height}`,
    hint: 'It is too thin for options that keep its shape: cut it, or use a processor that crops.',
  });
}

function rgbOf({ data, width, height, channels }: PixelImage, transparency: Transparency): RgbImage {
  const bytes = data instanceof Float32Array ? Uint8Array.from(data, inBytes) : Uint8Array.from(data);
  if (channels === 4) return { data: removeAlpha(bytes, transparency), width, height };
  const rgb =
    channels === 3 ? bytes : Uint8Array.from({ length: 3 * bytes.length }, (_, at) => bytes[Math.trunc(at / 3)]);
  return { data: rgb, width, height };
}

function inBytes(value: number): number {
  return Math.round(255 * Math.min(Math.max(value, 0), 1));
}
