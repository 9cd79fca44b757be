import type { FeatureShape, Lengths } from '@polymodal/core';

/** What decides the shapes of a sample's features, by modality, and those of a head's target under `targets.<head>`. */
export type SampleShape = Readonly<Record<string, FeatureShape>>;

/** The lengths of a batch, by modality, and by target under `targets.<head>`. */
export type BatchLengths = Readonly<Record<string, Lengths>>;

/** The modalities that a sample has. */
export function modalitiesOf(shape: SampleShape): string[] {
  return Object.keys(shape).filter((part) => !isTarget(part));
}

/** The targets that a sample has, as parts of its shape. */
export function targetsOf(shape: SampleShape | BatchLengths): string[] {
  return Object.keys(shape).filter(isTarget);
}

/** The lengths that a sample has by itself. */
export function ownLengths(shape: SampleShape): BatchLengths {
  return Object.fromEntries(Object.entries(shape).map(([part, { lengths = {} }]) => [part, lengths]));
}

/**
 * The same for samples that can share a batch of these modalities: they agree in all that cannot be padded, of their targets too
 * (which the others need not have where they can be padded).
 */
export function kindOf(shape: SampleShape, modalities: readonly string[]): string {
  const fixedTargets = targetsOf(shape).filter((part) => shape[part].fixed !== undefined);
  return JSON.stringify([...modalities, ...fixedTargets].map((part) => [part, shape[part].fixed]));
}

/** Whether a part of a shape is that of a target. No slot has a dot in its name. */
export function isTarget(part: string): boolean {
  return part.startsWith('targets.');
}
