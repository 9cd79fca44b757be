import type { FeatureMasks, FeatureShape, Features, Lengths, ProcessContext } from '@polymodal/core';

/** Sound that is mono and has the sample rate of an extractor. A part of it is made without the rest. */
export interface MonoSound {
  /** In samples. */
  readonly length: number;
  samples(start: number, end: number): Float32Array;
}

/** What one feature extractor of transformers does with sound. */
export interface FeatureExtractor {
  /** Hz */
  readonly samplingRate: number;
  /** The fewest samples that it makes features of. */
  readonly minSamples: number;
  /** The most samples, of the beginning, that its features depend on. Undefined where all count. */
  readonly maxSamples?: number;

  /** @param sound of at least {@link minSamples} samples; what is beyond {@link maxSamples} may be missing */
  extract(sound: MonoSound, context: ProcessContext): Features;

  /** The features of P recordings, stacked: (P, …). See `Processor`. */
  collate(rows: readonly Features[], lengths?: Lengths): Features;

  /** See `Processor`. */
  readonly masks?: FeatureMasks;

  /** See `Processor`. */
  shape(features: Features): FeatureShape;
}
