import { defineAugmentation } from '@polymodal/core';
import { z } from 'zod';
import { drawShare } from './draw-share';
import { mixPictures } from './mix-pictures';

const mixUpOptions = z.object({
  /** The share of a picture is drawn from Beta(alpha, alpha): the smaller alpha, the more of one of the two. */
  alpha: z.number().positive().max(100).default(0.2),
});

/**
 * Each picture of a batch with another one shining through, λ x + (1 − λ) x′, and its losses with those of the other's targets (Zhang et al.
 * 2018, mixup). It acts where samples have nothing but the slot.
 */
export const mixUp = defineAugmentation({
  name: 'mix-up',
  modality: 'image',
  config: mixUpOptions,
  create: ({ alpha }) => ({
    mix: (features, partners, key) =>
      mixPictures(features, partners, ({ values }, partnerOf) => {
        const share = drawShare(alpha, key.fold('share'));
        return { values: values.map((value, at) => share * value + (1 - share) * values[partnerOf(at)]), share };
      }),
  }),
});
