import sharp from 'sharp';
import type { Picture } from '../scene/draw-picture';
import type { LookedAt } from './covered-cells';

/** A picture of a scene as PNG. */
export function scenePng({ data, width, height, channels }: Picture): Promise<Buffer> {
  return sharp(data, { raw: { width, height, channels } }).png().toBuffer();
}

/** The picture, as dark as its cells count little: bright is what the answer loses most by. */
export function lookedAtPng(image: Picture, { cells, losses }: Pick<LookedAt, 'cells' | 'losses'>): Promise<Buffer> {
  const { width, height } = image;
  const most = Math.max(...losses, 1e-6);
  const data = image.data.map((value, index) => {
    const pixel = Math.floor(index / 3);
    const column = Math.floor(((pixel % width) * cells) / width);
    const row = Math.floor((Math.floor(pixel / width) * cells) / height);
    return value * (darkest + (1 - darkest) * (losses[row * cells + column] / most));
  });
  return scenePng({ ...image, data });
}

/** What is left of the brightness of a cell that does not count. */
const darkest = 0.25;
