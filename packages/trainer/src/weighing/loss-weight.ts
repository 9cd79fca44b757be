import { z } from 'zod';

/** What the loss of a head counts for: a number, or one that changes along a line. */
type LossWeight = number | LossWeightRamp;

/** A weight that goes from one number to another, and stays there. */
interface LossWeightRamp {
  /** In the first step of the stage. */
  readonly from: number;
  readonly to: number;
  /** Steps that it takes: a number of them, or below 1 a share of the stage's. Default: all of the stage. */
  readonly over?: number | undefined;
}

/** By head; 1 for those that are not named. */
export type LossWeights = Readonly<Record<string, LossWeight>>;

const weight = z.number().nonnegative();

export const lossWeightsSchema = z.record(
  z.string(),
  z.union([weight, z.strictObject({ from: weight, to: weight, over: z.number().positive().optional() })]),
);

/**
 * The weights in a step.
 *
 * @param step       from 0, of the stage
 * @param totalSteps of the stage
 */
export function lossWeightsAt(weights: LossWeights, step: number, totalSteps: number): Record<string, number> {
  return mapWeights(weights, (own) => (typeof own === 'number' ? own : rampAt(own, step, totalSteps)));
}

/** The largest that each becomes: one of 0 is never computed. */
export function largestWeights(weights: LossWeights): Record<string, number> {
  return mapWeights(weights, (own) => (typeof own === 'number' ? own : Math.max(own.from, own.to)));
}

/** Whether any of them changes. */
export function changesWeights(weights: LossWeights): boolean {
  return Object.values(weights).some((own) => typeof own !== 'number');
}

function rampAt(ramp: LossWeightRamp, step: number, totalSteps: number): number {
  const { from, to, over = totalSteps } = ramp;
  const last = (over < 1 ? Math.round(over * totalSteps) : over) - 1;
  return last > step ? from + (to - from) * (step / last) : to;
}

function mapWeights(weights: LossWeights, change: (weight: LossWeight) => number): Record<string, number> {
  return Object.fromEntries(Object.entries(weights).map(([head, own]) => [head, change(own)]));
}
