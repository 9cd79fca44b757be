import { ConfigError, type Divided, type DividingProcessor, hostTensor, type ProcessContext } from '@polymodal/core';
import { type ImageFeatures, ImageProcessor, type ImageRow } from './image-processor';
import type { ImageRecipe } from './image-recipe';
import { normalizePixels } from './normalize-pixels';
import type { OpaquePixels, RawImage } from './raw-image';
import { readPixels } from './read-pixels';
import { resampleImage } from './resample-image';
import type { Sides } from './sides';

/** How pictures become tiles. */
export interface Tiling {
  /** Pixels a side of a tile, which are square. */
  readonly tileSize: number;
  /** Whether pictures are divided; otherwise each is one tile, whatever its shape. */
  readonly splits: boolean;
}

/**
 * Pictures of any size to tiles of one size: resized by its recipe, then to whole tiles a side, and divided into these, with the whole
 * picture in the size of one behind them (HF `Idefics3ImageProcessor`). A picture of a single tile is that alone.
 */
export class TilingImageProcessor
  extends ImageProcessor
  implements DividingProcessor<RawImage, ImageRow, ImageFeatures>
{
  constructor(
    recipe: ImageRecipe,
    readonly tiling: Tiling,
  ) {
    super(recipe);
  }

  /** @throws ConfigError: in tiles there is no one place of a pixel */
  override locatePixels(): never {
    throw new ConfigError({
      where: 'locatePixels',
      expected: 'a slot of whole pictures, in which a head can point',
      received: 'one that divides them into tiles',
    });
  }

  /** The whole picture, as one tile. @throws SampleError as {@link divide} */
  override async process(raw: RawImage, context: ProcessContext = { training: false }): Promise<ImageRow> {
    return this.#row(this.#squeezed(this.#spread(await this.#resized(raw, context))));
  }

  /** @throws SampleError for a file that is missing or damaged, or pixels that do not add up */
  async divide(raw: RawImage, context: ProcessContext = { training: false }): Promise<Divided<ImageRow>> {
    const { tileSize } = this.tiling;
    const picture = this.#spread(await this.#resized(raw, context));
    const whole = this.#row(this.#squeezed(picture));
    const [rows, columns] = [picture.height / tileSize, picture.width / tileSize];
    if (!this.tiling.splits || (rows === 1 && columns === 1)) return { values: [whole], grid: [0, 0] };
    const tiles = Array.from({ length: rows * columns }, (_, index) =>
      this.#row(tileOf(picture, tileSize, Math.floor(index / columns), index % columns)),
    );
    return { values: [...tiles, whole], grid: [rows, columns] };
  }

  async #resized(raw: RawImage, context: ProcessContext): Promise<OpaquePixels> {
    const image = await readPixels(raw, this.recipe, context);
    return this.#resample(image, this.recipe.fit([image.height, image.width]).size);
  }

  /** To whole tiles a side. */
  #spread(image: OpaquePixels): OpaquePixels {
    return this.tiling.splits
      ? this.#resample(image, wholeTiles([image.height, image.width], this.tiling.tileSize))
      : image;
  }

  #squeezed(image: OpaquePixels): OpaquePixels {
    return this.#resample(image, [this.tiling.tileSize, this.tiling.tileSize]);
  }

  #resample(image: OpaquePixels, size: Sides): OpaquePixels {
    const box = { left: 0, top: 0, width: image.width, height: image.height };
    const part = { left: 0, top: 0, height: size[0], width: size[1] };
    return resampleImage(image, { box, size, part, kernel: this.recipe.kernel });
  }

  #row(tile: OpaquePixels): ImageRow {
    const shape = [tile.height, tile.width, tile.channels] as const;
    return { pixelValues: hostTensor(normalizePixels(tile, this.recipe), shape) };
  }
}

/**
 * Sides that are whole tiles: the longer one rounded up, the other one to what keeps the shape, rounded up too. The order of the
 * operations is Python's: another would be cut off elsewhere.
 */
export function wholeTiles([height, width]: Sides, tile: number): Sides {
  const up = (length: number) => Math.ceil(length / tile) * tile;
  const ratio = width / height;
  if (width >= height) return [up(Math.trunc(up(width) / ratio)), up(width)];
  return [up(height), up(Math.trunc(up(height) * ratio))];
}

function tileOf(image: OpaquePixels, size: number, row: number, column: number): OpaquePixels {
  const { channels, width } = image;
  const data = image.data.slice(0, size * size * channels);
  for (let line = 0; line < size; line++) {
    const from = ((row * size + line) * width + column * size) * channels;
    data.set(image.data.subarray(from, from + size * channels), line * size * channels);
  }
  return { data, width: size, height: size, channels };
}
