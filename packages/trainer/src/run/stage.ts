import { createHash } from 'node:crypto';
import { ConfigError, isWithin, type Model } from '@polymodal/core';
import type { Programs } from '../data/length-levels';
import type { StageBatches } from '../data/stage-batches';
import type { TokenCounter } from '../data/token-counter';
import type { OptimizedParameter } from '../optimizers/parameter-groups';
import type { Schedule } from '../schedules';
import type { StageSettings } from '../stage-options';
import type { ParsedStage } from '../train-options';
import { type PlanOptions, planBatches, type StageData } from './stage-plan';

/** A stage of a run: what learns in it, from what, and when. */
export interface Stage {
  readonly settings: StageSettings;
  readonly parameters: readonly OptimizedParameter[];
  /** What its heads share, where their gradients there are compared. */
  readonly shared: readonly OptimizedParameter[] | undefined;
  readonly batches: StageBatches;
  /** What a backend that compiles makes programs of. */
  readonly programs: Programs;
  readonly tokens: TokenCounter;
  readonly schedule: Schedule;
  /** Steps of the run before its first and up to its last. */
  readonly begin: number;
  readonly end: number;
  /** Epochs of the run up to its last, which may be cut. */
  readonly endEpoch: number;
}

/**
 * The stages of a run, one after the other.
 *
 * @param parameters those that learn in each
 * @throws ConfigError for a budget that does not hold a sample
 */
export function planStages(
  model: Model,
  parsed: readonly ParsedStage[],
  parameters: readonly (readonly OptimizedParameter[])[],
  data: StageData,
  options: PlanOptions,
): Stage[] {
  const stages: Stage[] = [];
  for (const [index, stage] of parsed.entries()) {
    const own = stage.settings;
    const { end: begin, endEpoch: beginEpoch } = stages.at(-1) ?? { end: 0, endEpoch: 0 };
    const { batches, programs } = planBatches(model, stage, parameters[index], data, options);
    const stepsPerEpoch = Math.ceil(batches.perEpoch / own.accumulate);
    const steps = own.steps ?? own.epochs! * stepsPerEpoch;
    const endEpoch = beginEpoch + Math.ceil(steps / stepsPerEpoch);
    const schedule = scheduleOf(own, steps);
    stages.push({
      settings: own,
      parameters: parameters[index],
      shared: sharedBy(parameters[index], stage),
      batches,
      programs,
      tokens: data.tokens,
      schedule,
      begin,
      end: begin + steps,
      endEpoch,
    });
  }
  return stages;
}

/** What the sizes of batches are known by, where they follow from bytes: the same only where as many are kept of a sample. */
export function batchSizes(stages: readonly Stage[]): string | undefined {
  const bounded = stages.filter(({ settings: { batchSize } }) => typeof batchSize !== 'number' && 'bytes' in batchSize);
  if (bounded.length === 0) return undefined;
  const sizes = bounded.map(({ batches }) =>
    batches.sources.map(({ name, sampler }) => [name, sampler.epoch(0).map(({ indices }) => indices.length)]),
  );
  return createHash('sha256').update(JSON.stringify(sizes)).digest('hex');
}

/** @throws ConfigError where nothing of what heads are to share learns in the stage */
function sharedBy(
  parameters: readonly OptimizedParameter[],
  { settings: { lossBalance, gradientConflicts }, where }: ParsedStage,
): readonly OptimizedParameter[] | undefined {
  const balance = lossBalance !== false && lossBalance.use === 'gradient-norm' ? lossBalance : undefined;
  if (!balance && gradientConflicts === false) return undefined;
  const over = balance?.over ?? ['encoders', 'fusion'];
  const shared = parameters.filter(({ path }) => over.some((pattern) => isWithin(path, pattern)));
  if (shared.length > 0) return shared;
  throw new ConfigError({
    where: `${where}.${balance ? 'lossBalance.over' : 'gradientConflicts'}`,
    expected: 'patterns of what the heads share and what learns in the stage, by whose gradients they are compared',
    received: over.join(', '),
  });
}

function scheduleOf(
  { schedule: name, warmup, cooldown, minLearningRate }: StageSettings,
  totalSteps: number,
): Schedule {
  const stepsOf = (part: number) => Math.round(part < 1 ? part * totalSteps : part);
  return { name, warmupSteps: stepsOf(warmup), cooldownSteps: stepsOf(cooldown), totalSteps, minLearningRate };
}
