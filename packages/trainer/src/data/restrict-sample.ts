import type { PreparedSample } from '@polymodal/core';

/** A sample with only those of its modalities that are listed. */
export function restrictSample(sample: PreparedSample, modalities: readonly string[]): PreparedSample {
  const kept = Object.entries(sample.features).filter(([modality]) => modalities.includes(modality));
  return { features: Object.fromEntries(kept), targets: sample.targets };
}
