import { mapRecord } from '@polymodal/core';

/** How a modality takes part in what is learned. */
export interface ModalityFigures {
  /** The norm of its encoder's gradients, as a share of the sum of those of all encoders: one near 0 learns nothing, and is lazy or done. */
  readonly gradientShare: number;
  /** What its gradients were multiplied by, where they are modulated. */
  readonly factor?: number;
  /** How far the gates are open by which it comes in, 0 to 1 and beyond; where there are any. Told once an epoch. */
  readonly gate?: number;
  /** How much of it goes into a row, where the fusion tells. Told once an epoch. */
  readonly usage?: number;
}

/** By slot. */
export type AllModalities = Readonly<Record<string, ModalityFigures>>;

/** Sums of what is told in each step. */
export function addModalities(sums: AllModalities | undefined, own: AllModalities): AllModalities {
  return mapRecord(own, ({ gradientShare, factor }, slot) => ({
    gradientShare: (sums?.[slot]?.gradientShare ?? 0) + gradientShare,
    ...(factor !== undefined && { factor: (sums?.[slot]?.factor ?? 0) + factor }),
  }));
}

/** The means of such sums. */
export function meanModalities(sums: AllModalities, steps: number): AllModalities {
  return mapRecord(sums, ({ gradientShare, factor }) => ({
    gradientShare: gradientShare / steps,
    ...(factor !== undefined && { factor: factor / steps }),
  }));
}
