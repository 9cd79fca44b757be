import { defineAugmentation, type RandomKey, rangeOption } from '@polymodal/core';
import { z } from 'zod';
import { colour } from '../image-options';
import type { BytePixels } from './byte-pixels';
import { drawBox, type PixelBox } from './draw-box';

const eraseOptions = z.object({
  /** Least and most of the picture's area. */
  scale: rangeOption(0.001, 1).default([0.02, 0.33]),
  /** Least and greatest of width to height. */
  ratio: rangeOption(0.01, 100).default([0.3, 3.3]),
  /** What stands there then: noise, or [red, green, blue] from 0 to 255. */
  fill: z.union([z.literal('noise'), colour]).default('noise'),
});

/** A box anywhere in the picture is painted over (Zhong et al. 2017, random erasing). */
export const erase = defineAugmentation({
  name: 'erase',
  modality: 'image',
  config: eraseOptions,
  probability: 0.5,
  create: ({ fill, ...ranges }) => ({
    changeValue(picture: BytePixels, key) {
      const box = drawBox([picture.height, picture.width], ranges, key);
      return box ? painted(picture, box, fill, key.fold('noise')) : picture;
    },
  }),
});

function painted(picture: BytePixels, box: PixelBox, fill: 'noise' | readonly number[], key: RandomKey): BytePixels {
  const { width, channels } = picture;
  const data = picture.data.slice();
  const length = box.width * channels;
  const noise = fill === 'noise' ? key.uniform(length * box.height) : undefined;
  for (let row = 0; row < box.height; row++) {
    const from = ((box.top + row) * width + box.left) * channels;
    for (let at = 0; at < length; at++) {
      data[from + at] = noise ? Math.floor(256 * noise[row * length + at]) : (fill[at % channels] as number);
    }
  }
  return { ...picture, data };
}
