import sharp from 'sharp';
import type { Picture } from '../scene/draw-picture';

/** A number of 0 or more for each cell of a grid over a picture, row by row. */
interface CellWeights {
  /** Cells along each side. */
  readonly cells: number;
  readonly weights: Float32Array;
}

/** A picture of a scene as PNG. */
export function scenePng({ data, width, height, channels }: Picture): Promise<Buffer> {
  return sharp(data, { raw: { width, height, channels } }).png().toBuffer();
}

/** The picture, as dark as its cells weigh little. */
export function weighedPng(image: Picture, { cells, weights }: CellWeights): Promise<Buffer> {
  const { width, height } = image;
  const most = Math.max(...weights, 1e-6);
  const data = image.data.map((value, index) => {
    const pixel = Math.floor(index / 3);
    const column = Math.floor(((pixel % width) * cells) / width);
    const row = Math.floor((Math.floor(pixel / width) * cells) / height);
    return value * (darkest + (1 - darkest) * (weights[row * cells + column] / most));
  });
  return scenePng({ ...image, data });
}

/** What is left of the brightness of a cell that does not count. */
const darkest = 0.25;
