import { defineAugmentation } from '@polymodal/core';
import { z } from 'zod';
import type { Sound } from './sound';

const timeShiftOptions = z.object({
  /** Most of the recording's length by which it comes earlier or later. */
  most: z.number().positive().max(1).default(0.1),
});

/** Sound that comes earlier or later: what leaves the recording is lost, and silence takes its place at the other end. */
export const timeShift = defineAugmentation({
  name: 'time-shift',
  modality: 'audio',
  config: timeShiftOptions,
  create: ({ most }) => ({
    changeValue({ samples, sampleRate }: Sound, key): Sound {
      const reach = Math.min(Math.round(most * samples.length), samples.length - 1);
      const later = key.integer(-reach, reach + 1);
      const shifted = new Float32Array(samples.length);
      shifted.set(samples.subarray(Math.max(0, -later), samples.length - Math.max(0, later)), Math.max(0, later));
      return { samples: shifted, sampleRate };
    },
  }),
});
