import { defineAugmentation, drawWithin, rangeOption } from '@polymodal/core';
import { z } from 'zod';
import type { Sound } from './sound';

const gainOptions = z.object({
  /** Least and most decibels by which sound becomes stronger. */
  decibels: rangeOption(-60, 60).default([-6, 6]),
});

/** Sound that is stronger or weaker as a whole. Features that are normalised for each recording do not show it. */
export const gain = defineAugmentation({
  name: 'gain',
  modality: 'audio',
  config: gainOptions,
  create: ({ decibels }) => ({
    changeValue({ samples, sampleRate }: Sound, key): Sound {
      const factor = 10 ** (drawWithin(decibels, key) / 20);
      return { samples: samples.map((value) => factor * value), sampleRate };
    },
  }),
});
