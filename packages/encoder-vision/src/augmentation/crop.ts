import { defineAugmentation } from '@polymodal/core';
import { z } from 'zod';
import { colour } from '../image-options';
import type { BytePixels } from './byte-pixels';
import { cutBox } from './cut-box';

const cropOptions = z.object({
  /** Margin that is put around, as a share of the side: 0.125 are 4 pixels of 32. */
  padding: z.number().positive().max(1).default(0.125),
  /** [red, green, blue] of the margin, 0 to 255. */
  fill: colour.default([0, 0, 0]),
});

/** A part of the picture's own size, anywhere in the picture with a margin around it. */
export const crop = defineAugmentation({
  name: 'crop',
  modality: 'image',
  config: cropOptions,
  create: ({ padding, fill }) => ({
    changeValue(picture: BytePixels, key) {
      const { width, height } = picture;
      const [across, down] = [Math.round(padding * width), Math.round(padding * height)];
      const left = key.fold('left').integer(-across, across + 1);
      const top = key.fold('top').integer(-down, down + 1);
      return cutBox(picture, { left, top, width, height }, fill);
    },
  }),
});
