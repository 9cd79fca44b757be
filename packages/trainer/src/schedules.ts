import { parseConfig } from '@polymodal/core';
import { z } from 'zod';

/** How the learning rate goes on after warm-up. */
export type ScheduleName = (typeof scheduleNames)[number];

/** All of them. */
export const scheduleNames = ['constant', 'cosine', 'linear', 'one-cycle', 'wsd'] as const;

/** What determines the learning rate of every step. */
export interface Schedule {
  readonly name: ScheduleName;
  /** Steps over which the rate rises linearly to its full value. */
  readonly warmupSteps: number;
  /** Steps of the whole training. */
  readonly totalSteps: number;
  /** What the rate falls to; a full rate that is lower stays. */
  readonly minLearningRate: number;
  /** Of `wsd`: the last steps, over which the rate falls. Default 0. */
  readonly cooldownSteps?: number;
}

const scheduleSchema = z.strictObject({
  name: z.enum(scheduleNames),
  warmupSteps: z.number().nonnegative(),
  totalSteps: z.number().nonnegative(),
  minLearningRate: z.number().nonnegative(),
  cooldownSteps: z.number().nonnegative().default(0),
});
const stepSchema = z.number().nonnegative();

/**
 * The learning rate of a step, a pure function.
 *
 * - `constant`, `cosine` and `linear` rise along a line, and then stay, fall along half a cosine (Loshchilov & Hutter 2017, eq. 5, without
 *   restarts) or along a line.
 * - `one-cycle` rises and falls along half a cosine, from a 25th of the full rate (Smith & Topin 2019; `OneCycleLR` of PyTorch).
 * - `wsd`, warm-up, stable, decay, rises along a line, stays, and falls in the end as 1 − √progress (Hägele et al. 2024, section 4;
 *   `get_wsd_schedule` of HF). What was learned until the end begins can be gone on with.
 *
 * @param step from 0
 * @param learningRate the full rate
 * @throws ConfigError for a schedule that cannot be used
 */
export function learningRateAt(step: number, learningRate: number, schedule: Schedule): number {
  const { name, ...parsed } = parseConfig(scheduleSchema, schedule, 'schedule');
  parseConfig(stepSchema, step, 'step');
  const least = Math.min(parsed.minLearningRate, learningRate);
  if (step < parsed.warmupSteps) return learningRate * rising(name, step, parsed.warmupSteps);
  return least + (learningRate - least) * remaining[name](step, parsed);
}

/** What is reached of the full rate in a step of the warm-up, in whose last it is full. */
function rising(name: ScheduleName, step: number, warmupSteps: number): number {
  if (name !== 'one-cycle') return (step + 1) / warmupSteps;
  const start = 1 / 25;
  return start + (1 - start) * (1 - halfCosine(step / Math.max(1, warmupSteps - 1)));
}

type Steps = Required<Pick<Schedule, 'warmupSteps' | 'totalSteps' | 'cooldownSteps'>>;

/** What is left of the full rate, above the least. */
const remaining: Readonly<Record<ScheduleName, (step: number, steps: Steps) => number>> = {
  constant: () => 1,
  cosine: (step, steps) => halfCosine(progress(step, steps.warmupSteps, steps.totalSteps)),
  linear: (step, steps) => 1 - progress(step, steps.warmupSteps, steps.totalSteps),
  'one-cycle': (step, steps) => halfCosine(progress(step, steps.warmupSteps - 1, steps.totalSteps - 1)),
  wsd: (step, { warmupSteps, totalSteps, cooldownSteps }) => {
    const start = Math.max(warmupSteps, totalSteps - cooldownSteps);
    return step < start ? 1 : 1 - Math.sqrt(progress(step, start, totalSteps));
  },
};

/** From 0 in the first step to 1 in the last. */
function progress(step: number, first: number, last: number): number {
  return Math.min(1, (step - first) / Math.max(1, last - first));
}

/** From 1 to 0. */
function halfCosine(part: number): number {
  return (1 + Math.cos(Math.PI * part)) / 2;
}
