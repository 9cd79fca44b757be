import { parseConfig } from '@polymodal/core';
import { z } from 'zod';

/** How the learning rate falls after warm-up. */
export type ScheduleName = 'constant' | 'cosine' | 'linear';

/** What determines the learning rate of every step. */
export interface Schedule {
  readonly name: ScheduleName;
  /** Steps over which the rate rises linearly to its full value. */
  readonly warmupSteps: number;
  /** Steps of the whole training. */
  readonly totalSteps: number;
  /** What the rate falls to. */
  readonly minLearningRate: number;
}

const scheduleSchema = z.strictObject({
  name: z.enum(['constant', 'cosine', 'linear']),
  warmupSteps: z.number().nonnegative(),
  totalSteps: z.number().nonnegative(),
  minLearningRate: z.number().nonnegative(),
});
const stepSchema = z.number().nonnegative();

/**
 * The learning rate of a step, a pure function: linear warm-up, then constant, a half cosine (Loshchilov & Hutter
 * 2017, eq. 5, without restarts) or a straight line down to the minimum.
 *
 * @param step from 0
 * @param learningRate the full rate
 * @throws ConfigError for a schedule that cannot be used
 */
export function learningRateAt(step: number, learningRate: number, schedule: Schedule): number {
  const { name, warmupSteps, totalSteps, minLearningRate } = parseConfig(scheduleSchema, schedule, 'schedule');
  parseConfig(stepSchema, step, 'step');
  if (step < warmupSteps) return (learningRate * (step + 1)) / warmupSteps;
  const progress = Math.min(1, (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps));
  return minLearningRate + (learningRate - minLearningRate) * remaining[name](progress);
}

const remaining: Readonly<Record<ScheduleName, (progress: number) => number>> = {
  constant: () => 1,
  cosine: (progress) => (1 + Math.cos(Math.PI * progress)) / 2,
  linear: (progress) => 1 - progress,
};
