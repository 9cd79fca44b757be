import { defineAugmentation, drawWithin, rangeOption } from '@polymodal/core';
import { z } from 'zod';
import { powerOf, type Sound } from './sound';

const noiseOptions = z.object({
  /** Least and most decibels by which sound is stronger than noise. */
  snr: rangeOption(-40, 100).default([10, 30]),
});

/** White noise behind the sound, exactly so many decibels weaker in the mean over the recording. Silence stays silent. */
export const noise = defineAugmentation({
  name: 'noise',
  modality: 'audio',
  config: noiseOptions,
  create: ({ snr }) => ({
    changeValue({ samples, sampleRate }: Sound, key): Sound {
      const drawn = key.fold('noise').normal(samples.length);
      const ratio = 10 ** (drawWithin(snr, key.fold('snr')) / 10);
      const scale = Math.sqrt(powerOf(samples) / (powerOf(drawn) * ratio));
      return { samples: samples.map((value, at) => value + scale * drawn[at]), sampleRate };
    },
  }),
});
