import type { Features, ProcessContext } from '@polymodal/core';

/** What one feature extractor of transformers does with sound that is mono and has its sample rate. */
export interface FeatureExtractor {
  /** Hz */
  readonly samplingRate: number;
  /** The fewest samples that it makes features of. */
  readonly minSamples: number;

  /** @param samples at least {@link minSamples} */
  extract(samples: Float32Array, context: ProcessContext): Features;

  /** The features of P recordings, stacked: (P, …). */
  collate(rows: readonly Features[]): Features;

  /** See `Processor.bucket`. Extractors whose features all have one shape leave it out. */
  bucket?(features: Features): number;
}
