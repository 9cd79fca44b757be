import {
  ConfigError,
  defineProcessor,
  type Features,
  hostTensor,
  type ProcessContext,
  type Processor,
  padAndStack,
} from '@polymodal/core';
import { decodePicture } from './decode-picture';
import { fitImage } from './fit-image';
import { flattenAlpha } from './flatten-alpha';
import { channelValues, type ImageOptions, imageOptions, imageSides } from './image-options';
import { normalizePixels } from './normalize-pixels';
import { type PixelImage, pixelImage, type RawImage } from './raw-image';
import { resampleImage } from './resample-image';

/**
 * Pictures to `pixelValues` (H, W, C), channels last: decoded, upright, without alpha, resized and normalised.
 *
 * @throws ConfigError for a `mean` or `std` of another length than `channels` or a `std` that is not positive
 */
export class ImageProcessor implements Processor<RawImage> {
  readonly #mean: readonly number[];
  readonly #std: readonly number[];

  constructor(readonly options: ImageOptions) {
    this.#mean = channelValues(options.mean, options.channels, 'mean');
    this.#std = channelValues(options.std, options.channels, 'std');
    if (this.#std.some((value) => value <= 0)) {
      throw new ConfigError({ where: 'std', expected: 'positive numbers', received: String(this.#std) });
    }
  }

  /** @throws SampleError for a file that is missing or damaged, or pixels that do not add up */
  async process(raw: RawImage, context: ProcessContext = { training: false }): Promise<Features> {
    const { imageSize, resize, kernel, channels } = this.options;
    const wanted = imageSides(imageSize);
    const image = await this.#read(raw, context);
    const { box, size, offset } = fitImage(image, wanted, resize);
    const asItIs = image.height === size[0] && image.width === size[1];
    const inner = this.#normalize(asItIs ? image : resampleImage(image, box, size, kernel));
    const fills = size[0] === wanted[0] && size[1] === wanted[1];
    const values = fills ? inner : this.#pad(inner, size, wanted, offset);
    return { pixelValues: hostTensor(values, [...wanted, channels]) };
  }

  collate(rows: readonly Features[]): Features {
    return { pixelValues: padAndStack(rows.map((row) => row.pixelValues)) };
  }

  /** All pictures are of one size. */
  shape() {
    return {};
  }

  /** Pixels without alpha. */
  async #read(raw: RawImage, context: ProcessContext): Promise<PixelImage> {
    const { imageSize, background } = this.options;
    if (typeof raw !== 'string' && !(raw instanceof Uint8Array)) return flattenAlpha(pixelImage(raw), background);
    const neededSides = () => imageSides(imageSize);
    return flattenAlpha(await decodePicture(raw, { neededSides, deepGrey: 'scale' }, context), background);
  }

  #normalize(image: PixelImage): Float32Array {
    return normalizePixels(image, this.#mean, this.#std);
  }

  /** Normalised values of an inner picture on a canvas of the background's. */
  #pad(
    inner: Float32Array,
    [height, width]: Sides,
    wanted: Sides,
    [top, left]: readonly [number, number],
  ): Float32Array {
    const { channels, background } = this.options;
    const colour = this.#normalize({ data: Uint8Array.from(background), width: 1, height: 1, channels: 3 });
    const canvas = Float32Array.from({ length: wanted[0] * wanted[1] * channels }, (_, i) => colour[i % channels]);
    for (let row = 0; row < height; row++) {
      const line = inner.subarray(row * width * channels, (row + 1) * width * channels);
      canvas.set(line, ((top + row) * wanted[1] + left) * channels);
    }
    return canvas;
  }
}

type Sides = readonly [height: number, width: number];

/** Makes an {@link ImageProcessor} from a slot's config. */
export const imageProcessor = defineProcessor({
  config: imageOptions,
  create: (config) => new ImageProcessor(config),
});
