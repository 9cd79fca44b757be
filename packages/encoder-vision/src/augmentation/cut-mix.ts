import { defineAugmentation } from '@polymodal/core';
import { z } from 'zod';
import { drawShare } from './draw-share';
import { mixPictures } from './mix-pictures';

const cutMixOptions = z.object({
  /** The area that stays is drawn from Beta(alpha, alpha). */
  alpha: z.number().positive().max(100).default(1),
});

/**
 * Each picture of a batch with a box of another one in it, at the same place, and its losses with those of the other's targets, by their
 * areas (Yun et al. 2019, CutMix). It acts where samples have nothing but the slot.
 */
export const cutMix = defineAugmentation({
  name: 'cut-mix',
  modality: 'image',
  config: cutMixOptions,
  create: ({ alpha }) => ({
    mix: (features, partners, key) =>
      mixPictures(features, partners, ({ values, height, width, channels }, partnerOf) => {
        const half = 0.5 * Math.sqrt(1 - drawShare(alpha, key.fold('share'))); // of the box, in sides
        const span = (side: number, name: string) => {
          const [middle, reach] = [key.fold(name).integer(0, side), Math.trunc(half * side)];
          return [Math.max(0, middle - reach), Math.min(side, middle + reach)] as const;
        };
        const [top, bottom] = span(height, 'row');
        const [left, right] = span(width, 'column');
        const mixed = values.map((value, at) => {
          const column = Math.floor(at / channels) % width;
          const row = Math.floor(at / (channels * width)) % height;
          const isInside = row >= top && row < bottom && column >= left && column < right;
          return isInside ? values[partnerOf(at)] : value;
        });
        return { values: mixed, share: 1 - ((bottom - top) * (right - left)) / (height * width) };
      }),
  }),
});
