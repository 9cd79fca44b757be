import { type HostBatch, PolymodalError } from '@polymodal/core';
import type { StepFigures } from '../step-figures';

/** A loss or gradient that is not a number, or infinite. Training stops; a checkpoint, where there is one, is from before it. */
export class NonFiniteLossError extends PolymodalError {
  static override readonly code: string = 'NON_FINITE_LOSS';
}

/** What an error of a step says of it. */
export interface StepPlace {
  readonly where: string;
  /** What there is to go back to, once the parameters are spoilt. */
  readonly wayBack: string;
}

/** The error of a step over some batches that came to such. */
export function nonFiniteStep(
  { where, wayBack }: StepPlace,
  hosts: readonly HostBatch[],
  { losses, gradientNorm }: StepFigures,
): NonFiniteLossError {
  const figures = Object.entries({ ...losses, 'gradient norm': gradientNorm }).map(
    ([name, value]) => `${name} ${value}`,
  );
  const batches = hosts.map(({ size, modalities }) => {
    const combination = Object.entries(modalities).map(([modality, { rows }]) => `${rows.length} × ${modality}`);
    return `a batch of ${size} with ${combination.join(', ')}`;
  });
  return new NonFiniteLossError({
    where: `${where}, ${batches.join(' and ')}`,
    expected: 'finite losses and gradients',
    received: figures.join(', '),
    hint:
      'Lower the learning rate, lengthen the warm-up or look at these samples. ' +
      `The parameters in memory are spoilt, and ${wayBack}.`,
  });
}
