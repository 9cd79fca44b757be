import { defineAugmentation, type NumberRange, rangeOption } from '@polymodal/core';
import { z } from 'zod';
import type { BytePixels } from './byte-pixels';
import { cutBox } from './cut-box';
import { drawBox, type PixelBox } from './draw-box';

const resizedCropOptions = z.object({
  /** Least and most of the picture's area. */
  scale: rangeOption(0.001, 1).default([0.08, 1]),
  /** Least and greatest of width to height. */
  ratio: rangeOption(0.01, 100).default([3 / 4, 4 / 3]),
});

/**
 * A part of the picture of any size, shape and place, which the slot's processor then brings to its size (Szegedy et al. 2015;
 * torchvision's `RandomResizedCrop`, where the slot says `resize: 'squash'`).
 */
export const resizedCrop = defineAugmentation({
  name: 'resized-crop',
  modality: 'image',
  config: resizedCropOptions,
  create: (ranges) => ({
    changeValue(picture: BytePixels, key) {
      const box = drawBox([picture.height, picture.width], ranges, key);
      return cutBox(picture, box ?? middle(picture, ranges.ratio));
    },
  }),
});

/** The largest box in the middle whose shape is within the range. */
function middle({ width, height }: BytePixels, [low, high]: NumberRange): PixelBox {
  const wide = Math.max(1, Math.min(width, Math.round(height * high)));
  const tall = Math.max(1, Math.min(height, Math.round(width / low)));
  return { left: (width - wide) >> 1, top: (height - tall) >> 1, width: wide, height: tall };
}
