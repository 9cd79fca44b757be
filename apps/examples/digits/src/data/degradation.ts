import { z } from 'zod';

const range = z.tuple([z.number(), z.number()]).refine(([low, high]) => low <= high, 'low must not exceed high');
const positiveRange = range.refine(([low]) => low > 0, 'both ends must be above 0');
const amountRange = range.refine(([low]) => low >= 0, 'both ends must be at least 0');
const shareRange = amountRange.refine(([, high]) => high <= 1, 'both ends must lie in [0, 1]');
const probability = z.number().min(0).max(1);
const weight = z.number().min(0);

/** How hard each modality is made. A range is drawn from anew for every sample, so hard and easy ones are mixed. */
export const degradationSchema = z.strictObject({
  image: z.strictObject({
    /** Largest shift along each axis, in pixels. */
    shift: z.number().min(0),
    /** Largest rotation to either side, in degrees. */
    rotation: z.number().min(0),
    /** Standard deviation of a Gaussian blur, in pixels. */
    blur: amountRange,
    /** Difference between ink and paper; 1 is the original's. */
    contrast: shareRange,
    /** How likely a rectangular patch hides part of the picture, and its sides as a share of the picture's. */
    patch: z.strictObject({ probability, side: shareRange }),
    /** How likely parallel bars cross the picture, how many, and their thickness in pixels. */
    bars: z.strictObject({ probability, count: positiveRange, thickness: positiveRange }),
    /** Standard deviation of additive Gaussian noise; ink on paper at full contrast differs by 1. */
    noise: amountRange,
  }),
  audio: z.strictObject({
    /** Length of the window that the word is placed in at random, in seconds. */
    window: z.number().positive().max(10),
    /** Playback speeds, one of which is drawn, in hundredths (Ko et al. 2015); they change the pitch too. */
    speeds: z.array(z.number().min(0.01)).min(1).readonly(),
    /** Level of the word, in dB relative to full scale (root mean square). */
    level: range.refine(([, high]) => high <= 0, 'both ends must be at most 0 dB'),
    /** Signal-to-noise ratio in dB, over the duration of the word. */
    signalToNoise: range,
    /** Relative frequency of each kind of noise. Babble is other words from other voices of the same split. */
    noise: z.strictObject({ white: weight, pink: weight, babble: weight }),
  }),
  text: z.strictObject({
    /** Expected typing errors per character, drawn for each word. */
    errorRate: shareRange,
    /** Relative frequency of each kind of error. */
    errors: z.strictObject({ neighbour: weight, drop: weight, double: weight, transpose: weight, unreadable: weight }),
  }),
});

export type Degradation = Readonly<z.infer<typeof degradationSchema>>;
export type ImageDegradation = Degradation['image'];
export type AudioDegradation = Degradation['audio'];
export type TextDegradation = Degradation['text'];

/** The recipe of the example; DATA.md gives the accuracy that small models reach on each modality alone. */
export const degradation: Degradation = {
  image: {
    shift: 1.5,
    rotation: 10,
    blur: [0, 0.7],
    contrast: [0.4, 1],
    patch: { probability: 0.4, side: [0.3, 0.45] },
    bars: { probability: 0.25, count: [1, 2], thickness: [2, 3] },
    noise: [0.02, 0.18],
  },
  audio: {
    window: 0.8,
    speeds: [0.9, 1, 1.1],
    level: [-32, -18],
    signalToNoise: [-6, 14],
    noise: { white: 1, pink: 1, babble: 1 },
  },
  text: {
    errorRate: [0.2, 0.75],
    errors: { neighbour: 3, drop: 2, double: 1, transpose: 1, unreadable: 3 },
  },
};
