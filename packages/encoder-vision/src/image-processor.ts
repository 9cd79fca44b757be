import {
  ConfigError,
  defineProcessor,
  describeValue,
  type Features,
  hostTensor,
  type Processor,
  padAndStack,
  SampleError,
} from '@polymodal/core';
import { decodeImage, resizePixels } from './decode-image';
import { flattenAlpha } from './flatten-alpha';
import { channelValues, type ImageOptions, imageOptions, imageSides } from './image-options';
import { normalizePixels } from './normalize-pixels';
import { isPixelImage, type PixelImage, type RawImage } from './raw-image';

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
  async process(raw: RawImage): Promise<Features> {
    const [height, width] = imageSides(this.options.imageSize);
    const values = normalizePixels(await this.#read(raw), this.#mean, this.#std);
    return { pixelValues: hostTensor(values, [height, width, this.options.channels]) };
  }

  collate(rows: readonly Features[]): Features {
    return { pixelValues: padAndStack(rows.map((row) => row.pixelValues)) };
  }

  /** Pixels in the right size, without alpha. */
  async #read(raw: RawImage): Promise<PixelImage> {
    if (typeof raw === 'string' || raw instanceof Uint8Array) return decodeImage(raw, this.options);
    if (isPixelImage(raw)) {
      const flat = flattenAlpha(raw, this.options.background);
      const [height, width] = imageSides(this.options.imageSize);
      return flat.width === width && flat.height === height ? flat : resizePixels(flat, this.options);
    }
    throw new SampleError({
      expected: 'a path, the bytes of an image file, or { data, width, height, channels }',
      received: describeValue(raw),
    });
  }
}

/** Makes an {@link ImageProcessor} from a slot's config. */
export const imageProcessor = defineProcessor({
  config: imageOptions,
  create: (config) => new ImageProcessor(config),
});
