import type { TrainOptions } from '@polymodal/trainer';
import type { TrainingData } from '../data/training-data';
import type { PreparedRun } from '../run/prepare-run';

/**
 * The training of a run, which keeps nothing.
 *
 * @param batchSize in place of the one that the config says
 */
export function trialOf(
  { config, data: { parts }, weights, augment, signal }: PreparedRun,
  { data, stages }: TrainingData,
  batchSize?: number,
): TrainOptions {
  const { featureCache: _, tensorboard: __, stages: ___, ...settings } = config.project.training;
  const sized = batchSize === undefined ? {} : { batchSize };
  return {
    ...settings,
    ...sized,
    ...(stages && { stages: stages.map((stage) => ({ ...stage, ...sized })) }),
    augment,
    data,
    ...(weights && { weights }),
    ...(parts.validation && { evaluate: parts.validation }),
    ...(parts.test && { test: parts.test }),
    signal,
  };
}
