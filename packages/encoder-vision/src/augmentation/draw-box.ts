import { drawWithin, type NumberRange, type RandomKey } from '@polymodal/core';
import type { Sides } from '../sides';

/** A part of a picture, in whole pixels. */
export interface PixelBox {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Of what size and shape boxes are drawn. */
export interface BoxRanges {
  /** Share of the picture's area. */
  readonly scale: NumberRange;
  /** Of a side to the other: width to height. */
  readonly ratio: NumberRange;
}

/** So often is one drawn that does not fit. */
const attempts = 10;

/** A box within a picture, anywhere; undefined where none that was drawn fits (torchvision's `get_params`). */
export function drawBox([height, width]: Sides, { scale, ratio }: BoxRanges, key: RandomKey): PixelBox | undefined {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const own = key.fold(attempt);
    const area = height * width * drawWithin(scale, own.fold('area'));
    const shape = drawRatio(ratio, own.fold('ratio'));
    const [wide, high] = [Math.round(Math.sqrt(area * shape)), Math.round(Math.sqrt(area / shape))];
    if (wide < 1 || high < 1 || wide > width || high > height) continue;
    return {
      left: own.fold('left').integer(0, width - wide + 1),
      top: own.fold('top').integer(0, height - high + 1),
      width: wide,
      height: high,
    };
  }
  return undefined;
}

/** A number whose logarithm is uniform: half as often below 1 as above it, where the range is from 1 / x to x. */
function drawRatio([low, high]: NumberRange, key: RandomKey): number {
  return Math.exp(drawWithin([Math.log(low), Math.log(high)], key));
}
