import {
  changesValues,
  commonLengths,
  defineProcessor,
  type HostTensor3D,
  type HostTensor4D,
  hostTensor,
  type Lengths,
  type PicturePlaceFeature,
  type ProcessContext,
  type Processor,
  padAndStack,
  picturePlaceFeature,
} from '@polymodal/core';
import type { BytePixels } from './augmentation/byte-pixels';
import { centerOnCanvas, partOnCanvas } from './center-on-canvas';
import { imageOptions } from './image-options';
import { type ImageRecipe, imageRecipe } from './image-recipe';
import { normalizePixels } from './normalize-pixels';
import { asGiven, placeOf } from './placement';
import type { RawImage } from './raw-image';
import { readPixels, roundToBytes } from './read-pixels';
import { resampleImage } from './resample-image';

/** The features of a picture: (H, W, C), and where its pixels lie in that, where somebody asks. */
export type ImageRow = { readonly pixelValues: HostTensor3D } & Partial<PicturePlaceFeature>;

/** Those of P pictures, as {@link ImageProcessor} makes them and encoders read them. */
export type ImageFeatures = {
  /** (P, H, W, C) */
  readonly pixelValues: HostTensor4D;
};

/**
 * Pictures to `pixelValues` (H, W, C), channels last: decoded, upright, without alpha, resized, cut or padded, and normalised.
 * Bytes are computed with as Pillow does, to the bit; the recipe says whether floats are too.
 */
export class ImageProcessor implements Processor<RawImage, ImageRow, ImageFeatures> {
  #locates = false;

  constructor(readonly recipe: ImageRecipe) {}

  /** From now on features say where the pixels of a picture lie. */
  locatePixels(): void {
    this.#locates = true;
  }

  /**
   * A picture in its own size as augmentations have it: bytes, upright, without alpha. Floats are rounded to such.
   *
   * @throws SampleError as {@link process}
   */
  async read(raw: RawImage, context: ProcessContext = { training: false }): Promise<BytePixels> {
    const picture = roundToBytes(await readPixels(raw, this.recipe, context));
    return this.#locates ? { ...picture, placement: picture.placement ?? asGiven(picture) } : picture;
  }

  /** @throws SampleError for a file that is missing or damaged, or pixels that do not add up */
  async process(raw: RawImage, context: ProcessContext = { training: false }): Promise<ImageRow> {
    const { channels, kernel, background } = this.recipe;
    const image = await readPixels(raw, this.recipe, context);
    const fit = this.recipe.fit([image.height, image.width]);
    const { box, size, canvas } = fit;
    const seen = resampleImage(image, { box, size, part: partOnCanvas(size, canvas), kernel });
    const whole = centerOnCanvas(seen, size, canvas, background);
    const pixelValues = hostTensor(normalizePixels(whole, this.recipe), [...canvas, channels]);
    if (!this.#locates) return { pixelValues };
    const isChanged = context.key !== undefined && context.augment?.some(changesValues);
    return { pixelValues, ...picturePlaceFeature(placeOf(image, fit, isChanged ? 'changed' : 'given')) };
  }

  /** @throws ShapeError if the pictures are of different sizes, which only recipes without a fixed canvas allow */
  collate(rows: readonly ImageRow[], lengths?: Lengths): ImageFeatures {
    const shapes = rows.map((row) => this.shape(row));
    commonLengths(shapes, lengths); // there are none
    return { pixelValues: padAndStack(rows.map(({ pixelValues }) => pixelValues)) };
  }

  /** Height and width. */
  shape({ pixelValues }: ImageRow) {
    const [height, width] = pixelValues.shape;
    return { fixed: [height, width] };
  }
}

/** Makes an {@link ImageProcessor} from a slot's config. */
export const imageProcessor = defineProcessor({
  config: imageOptions,
  create: (config) => new ImageProcessor(imageRecipe(config)),
});
