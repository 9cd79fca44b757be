import { defineAugmentation } from '@polymodal/core';
import { z } from 'zod';
import { resample } from '../resample';
import type { Sound } from './sound';

const speedOptions = z.object({
  /** How many times as fast, in hundredths. One is drawn; with 1 among them a recording stays as it is now and then. */
  factors: z.array(z.number().min(0.5).max(2)).min(1).readonly().default([0.9, 1, 1.1]),
});

/** Sound that is played faster or slower, and so higher or lower (Ko et al. 2015, speed perturbation). */
export const speed = defineAugmentation({
  name: 'speed',
  modality: 'audio',
  config: speedOptions,
  create: ({ factors }) => ({
    changeValue({ samples, sampleRate }: Sound, key): Sound {
      const factor = factors[key.integer(0, factors.length)];
      return { samples: resample(samples, Math.round(100 * factor), 100), sampleRate };
    },
  }),
});
