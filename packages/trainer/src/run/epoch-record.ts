import type { ModelFigures } from '../evaluation/evaluate-heads';
import type { StepFigures } from '../train-step';

/** What an epoch came to. */
export interface EpochRecord {
  /** From 1. */
  readonly epoch: number;
  /** Steps since the beginning of training. */
  readonly step: number;
  /** Mean over the epoch's batches of the weighted sum of losses. */
  readonly loss: number;
  /** Mean loss of each head over the batches that it learned from. */
  readonly losses: Readonly<Record<string, number>>;
  /** Seconds since the beginning of training, without interruptions. */
  readonly seconds: number;
  /** Figures on the evaluation samples with all modalities that each has. */
  readonly evaluation?: ModelFigures;
}

/** Sums of the part of an epoch that is done: what a checkpoint in its middle has to hold. */
export interface EpochTotals {
  readonly batches: number;
  readonly loss: number;
  readonly heads: Readonly<Record<string, { readonly sum: number; readonly batches: number }>>;
}

export const noTotals: EpochTotals = { batches: 0, loss: 0, heads: {} };

/** The sums with one more step. */
export function addStep(totals: EpochTotals, figures: StepFigures): EpochTotals {
  const heads = { ...totals.heads };
  for (const [head, loss] of Object.entries(figures.losses)) {
    const { sum, batches } = heads[head] ?? { sum: 0, batches: 0 };
    heads[head] = { sum: sum + loss, batches: batches + 1 };
  }
  return { batches: totals.batches + 1, loss: totals.loss + figures.loss, heads };
}

/** The means of an epoch. */
export function meanLosses({ batches, loss, heads }: EpochTotals): Pick<EpochRecord, 'loss' | 'losses'> {
  const means = Object.entries(heads).map(([head, own]) => [head, own.sum / own.batches]);
  return { loss: loss / batches, losses: Object.fromEntries(means) };
}
