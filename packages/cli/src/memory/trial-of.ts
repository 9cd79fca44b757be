import type { TrainOptions } from '@polymodal/trainer';
import { trainingData } from '../data/training-data';
import type { PreparedRun } from '../run/prepare-run';

/**
 * The training of a run, which keeps nothing.
 *
 * @param batchSize in place of the one that the config says
 */
export async function trialOf(
  { config, data: { parts }, weights, augment, signal }: PreparedRun,
  batchSize?: number,
): Promise<TrainOptions> {
  const { featureCache: _, tensorboard: __, stages: ___, ...settings } = config.project.training;
  const { data, stages } = await trainingData(config, parts.train);
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
