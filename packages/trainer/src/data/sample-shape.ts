import type { FeatureShape, Lengths } from '@polymodal/core';

/** What decides the shapes of a sample's features, by modality. */
export type SampleShape = Readonly<Record<string, FeatureShape>>;

/** The lengths of a batch, by modality. */
export type BatchLengths = Readonly<Record<string, Lengths>>;

/** The same for samples that can share a batch of these modalities: they agree in all that cannot be padded. */
export function kindOf(shape: SampleShape, modalities: readonly string[]): string {
  return JSON.stringify(modalities.map((modality) => [modality, shape[modality].fixed]));
}
