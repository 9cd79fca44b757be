import type { Model, RandomKey } from '@polymodal/core';
import { balancedWeights } from '../data/balanced-weights';
import { canLearn } from '../data/can-learn';
import { CombinationSampler } from '../data/combination-sampler';
import type { FeatureStore } from '../data/feature-store';
import { ModalityDropoutSampler } from '../data/modality-dropout';
import { StageBatches } from '../data/stage-batches';
import { learningHeads } from '../loss-gradients';
import type { OptimizedParameter } from '../optimizers/parameter-groups';
import type { Schedule } from '../schedules';
import type { StageSettings } from '../stage-options';

/** A stage of a run: what learns in it, from what, and when. */
export interface Stage {
  readonly settings: StageSettings;
  readonly parameters: readonly OptimizedParameter[];
  readonly batches: StageBatches;
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
 * @param key of all that is random in batches
 */
export function planStages(
  model: Model,
  settings: readonly StageSettings[],
  parameters: readonly (readonly OptimizedParameter[])[],
  stores: ReadonlyMap<string, FeatureStore>,
  key: RandomKey,
): Stage[] {
  const stages: Stage[] = [];
  for (const [index, own] of settings.entries()) {
    const { end: begin, endEpoch: beginEpoch } = stages.at(-1) ?? { end: 0, endEpoch: 0 };
    const batches = stageBatches(model, own, stores, key);
    const stepsPerEpoch = Math.ceil(batches.perEpoch / own.accumulate);
    const steps = own.steps ?? own.epochs! * stepsPerEpoch;
    const endEpoch = beginEpoch + Math.ceil(steps / stepsPerEpoch);
    const schedule = scheduleOf(own, steps);
    stages.push({
      settings: own,
      parameters: parameters[index],
      batches,
      schedule,
      begin,
      end: begin + steps,
      endEpoch,
    });
  }
  return stages;
}

function stageBatches(
  model: Model,
  settings: StageSettings,
  stores: ReadonlyMap<string, FeatureStore>,
  key: RandomKey,
): StageBatches {
  const heads = learningHeads(model, settings.lossWeights);
  const dropout = new ModalityDropoutSampler(settings.modalityDropout, model.modalities, (modalities) =>
    canLearn(model, modalities, heads),
  );
  const samples = settings.sources.reduce((sum, name) => sum + stores.get(name)!.length, 0);
  const ofSteps = Math.ceil(((settings.steps ?? 0) * settings.batchSize * settings.accumulate) / samples);
  const sources = settings.sources.map((name) => {
    const own = name === 'data' ? key : key.fold('source').fold(name);
    const store = stores.get(name)!;
    const sampler = new CombinationSampler(store.shapes, {
      batchSize: settings.batchSize,
      epochs: settings.epochs ?? ofSteps,
      key: own.fold('batches'),
      ...(settings.together !== false && { group: groupsOf(store, settings.together) }),
      ...(settings.balance !== false && { weights: balancedWeights(classesOf(store, settings.balance)) }),
      keep: (present, epoch, index) => dropout.keep(present, own.fold('modality dropout'), epoch, index),
    });
    return { name, store, sampler };
  });
  return new StageBatches(sources, key.fold('sources'), settings.ratios || undefined);
}

/** The class of every sample; undefined for one without the target. */
function classesOf({ values }: FeatureStore, head: string): readonly (number | undefined)[] {
  return values.map((own) => own[`targets.${head}`]);
}

/** The number of the value of a slot that a sample has; none, and so none that another has, where it has no value. */
function groupsOf(store: FeatureStore, slot: string): (index: number) => string {
  return (index) => {
    const value = store.values[index][slot];
    return value === undefined ? `sample ${index}` : `value ${value}`;
  };
}

function scheduleOf(
  { schedule: name, warmup, cooldown, minLearningRate }: StageSettings,
  totalSteps: number,
): Schedule {
  const stepsOf = (part: number) => Math.round(part < 1 ? part * totalSteps : part);
  return { name, warmupSteps: stepsOf(warmup), cooldownSteps: stepsOf(cooldown), totalSteps, minLearningRate };
}
