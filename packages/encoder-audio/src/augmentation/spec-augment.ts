import { defineAugmentation, type Features, type HostTensor, type RandomKey, SampleError } from '@polymodal/core';
import { z } from 'zod';

const count = z.int().min(0).max(20);

const specAugmentOptions = z.object({
  /** Bands of frequencies that are masked, and of how many bins one is at most. */
  frequencyMasks: count.default(2),
  frequencyWidth: z.int().positive().default(27),
  /** Spans of time that are masked, of how many frames one is at most, and of what share of the recording. */
  timeMasks: count.default(2),
  timeWidth: z.int().positive().default(100),
  timeShare: z.number().positive().max(1).default(0.2),
});

/**
 * Bands and spans of a spectrogram take its mean value (Park et al. 2019, SpecAugment; without its warping of time, which did least). It acts
 * on features, so that these can be kept. Pretrained models that mask inside themselves have options of their own, `applySpecAugment` say.
 */
export const specAugment = defineAugmentation({
  name: 'spec-augment',
  modality: 'audio',
  config: specAugmentOptions,
  create: ({ frequencyMasks, frequencyWidth, timeMasks, timeWidth, timeShare }) => ({
    changeFeatures(features, key) {
      const [name, spectrogram] = spectrogramOf(features);
      const [frames, bins] = spectrogram.shape.slice(-2);
      const longest = Math.min(timeWidth, Math.floor(timeShare * frames));
      const bands = drawSpans(frequencyMasks, bins, Math.min(frequencyWidth, bins), key.fold('frequency'));
      const spans = drawSpans(timeMasks, frames, longest, key.fold('time'));
      return { ...features, [name]: masked(spectrogram, spans, bands) };
    },
  }),
});

/** @throws SampleError for features of another kind: samples as they are, say */
function spectrogramOf(features: Features): [name: string, spectrogram: HostTensor] {
  const names = Object.keys(features).filter((name) => ['logMel', 'inputFeatures'].includes(name));
  if (names.length === 1) return [names[0], features[names[0]]];
  throw new SampleError({
    expected: 'a spectrogram among the features, logMel or inputFeatures, of which spec-augment masks parts',
    received: Object.keys(features).join(', '),
    hint: 'A model that hears samples masks inside itself, where it was trained to.',
  });
}

type Span = readonly [start: number, end: number];

/** Spans of 0 to `longest` places, each length as likely, and anywhere. */
function drawSpans(spans: number, length: number, longest: number, key: RandomKey): Span[] {
  return Array.from({ length: spans }, (_, index) => {
    const own = key.fold(index);
    const width = own.fold('width').integer(0, longest + 1);
    const start = own.fold('start').integer(0, length - width + 1);
    return [start, start + width];
  });
}

/** (…, F, M) */
function masked(spectrogram: HostTensor, spans: readonly Span[], bands: readonly Span[]): HostTensor {
  const [frames, bins] = spectrogram.shape.slice(-2);
  const data = Float32Array.from(spectrogram.data);
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
  for (let line = 0; line < data.length / bins; line++) {
    const frame = line % frames;
    const isMasked = spans.some(([start, end]) => frame >= start && frame < end);
    for (const [start, end] of isMasked ? [[0, bins]] : bands) data.fill(mean, line * bins + start, line * bins + end);
  }
  return { ...spectrogram, data };
}
