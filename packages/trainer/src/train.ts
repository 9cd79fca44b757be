import { type Model, RandomKey, suggestNames, UnknownNameError } from '@polymodal/core';
import { saveModel } from '@polymodal/core/node';
import { CombinationSampler } from './data/combination-sampler';
import { toDataset } from './data/dataset';
import { canLearn, FeatureStore } from './data/feature-store';
import { ModalityDropoutSampler } from './data/modality-dropout';
import { evaluatePreparedSubsets, type SubsetFigures } from './evaluation/evaluate';
import { AdamW } from './optimizers/adamw';
import { assignGroups } from './optimizers/parameter-groups';
import { writeTrainingReport } from './report/training-report';
import type { EpochRecord } from './run/epoch-record';
import { formatSeconds, progressBar } from './run/progress';
import { RunFolder, runConfig } from './run/run-folder';
import { type TrainingParts, TrainingRun } from './run/training-run';
import type { Schedule } from './schedules';
import { type ParsedTrainOptions, parseTrainOptions, type TrainOptions, type TrainSettings } from './train-options';
import { TrainStep } from './train-step';

/** What training came to. */
export interface TrainResult {
  /** `'interrupted'` if the signal stopped it: with a folder, the same call resumes it. */
  readonly status: 'finished' | 'interrupted';
  readonly model: Model;
  readonly epochs: readonly EpochRecord[];
  readonly steps: number;
  /** Time of training, without interruptions. */
  readonly seconds: number;
  /** Figures on every subset of the modalities, if there are evaluation samples and training finished. */
  readonly subsets?: SubsetFigures;
}

/**
 * Trains a model on samples in which any modality may be missing. The model's parameters change in place.
 *
 * ```ts
 * await train(model, { data, evaluate: test, epochs: 10, modalityDropout: 0.3, directory: 'runs/digits' });
 * ```
 *
 * @throws ConfigError for options that cannot be used, and for a folder with a run of another config
 * @throws SampleError for a sample that cannot be read or has no modality, by its index
 * @throws NonFiniteLossError for a loss that is not a number; the last checkpoint stays
 */
export async function train(model: Model, options: TrainOptions): Promise<TrainResult> {
  const parsed = parseTrainOptions(options);
  checkLossWeights(model, parsed.settings.lossWeights);
  const parameters = assignGroups(model.parameters(), parsed.settings.parameterGroups, parsed.settings);
  const optimizer = new AdamW(parameters, { betas: parsed.settings.betas, epsilon: 1e-8 });
  const step = new TrainStep(model, parameters, optimizer, parsed.settings.lossWeights);
  const progress = progressBar(parsed.progress ?? true);
  let run: TrainingRun | undefined;
  try {
    const parts = await prepareParts(model, parsed, { optimizer, step, progress });
    run = new TrainingRun(parts);
    await run.run();
    return await conclude(parts, run);
  } catch (error) {
    if (!parsed.signal?.aborted || error !== parsed.signal.reason) throw error;
    const result = resultOf(model, run, 'interrupted');
    const hint = parsed.directory ? ` The same call resumes it from ${parsed.directory}.` : '';
    progress.say(`Interrupted after ${result.steps} steps.${hint}`);
    return result;
  } finally {
    optimizer.dispose();
  }
}

async function prepareParts(
  model: Model,
  options: ParsedTrainOptions,
  made: Pick<TrainingParts, 'optimizer' | 'step' | 'progress'>,
): Promise<TrainingParts> {
  const { settings, cacheBytes, augment, signal } = options;
  const { progress } = made;
  const data = toDataset(options.data, 'data');
  const test = options.evaluate && toDataset(options.evaluate, 'evaluate');
  const key = RandomKey.from(settings.seed).fold('train');
  const store = await FeatureStore.prepare(model, data, {
    key: key.fold('data'),
    ...(augment && { augment }),
    cacheBytes,
    name: 'data',
    progress,
    signal,
  });
  const unlimited = { cacheBytes: Number.POSITIVE_INFINITY, name: 'evaluate', progress, signal };
  const evaluation = test && (await (await FeatureStore.prepare(model, test, unlimited)).all());
  const sampler = combinationSampler(model, store, settings, key);
  const schedule = scheduleOf(settings, sampler.batchesPerEpoch * settings.epochs);
  const config = runConfig(model, settings, store.shapes);
  const folder = options.directory ? await RunFolder.open(options.directory, config, options.resume) : undefined;
  return { ...made, model, schedule, store, sampler, evaluation, folder, key, options };
}

function combinationSampler(model: Model, store: FeatureStore, settings: TrainSettings, key: RandomKey) {
  const dropout = new ModalityDropoutSampler(settings.modalityDropout, model.modalities, (modalities) =>
    canLearn(model, modalities),
  );
  const own = key.fold('modality dropout');
  return new CombinationSampler(store.shapes, {
    batchSize: settings.batchSize,
    key: key.fold('batches'),
    keep: (present, epoch, index) => dropout.keep(present, own, epoch, index),
  });
}

function scheduleOf({ schedule, warmup, minLearningRate }: TrainSettings, totalSteps: number): Schedule {
  const warmupSteps = Math.round(warmup < 1 ? warmup * totalSteps : warmup);
  return { name: schedule, warmupSteps, totalSteps, minLearningRate };
}

async function conclude({ model, evaluation, folder, options, progress }: TrainingParts, run: TrainingRun) {
  const subsets = evaluation && (await evaluatePreparedSubsets(model, evaluation, options));
  const result = resultOf(model, run, 'finished', subsets);
  if (folder) {
    await saveModel(model, folder.path('model'));
    await writeTrainingReport(folder.path('report.html'), result, options.settings);
    await folder.finish({ steps: result.steps, seconds: result.seconds, epochs: result.epochs.length, subsets });
  }
  const place = folder ? ` Model and report: ${folder.directory}` : '';
  progress.say(`Trained ${result.steps} steps in ${formatSeconds(result.seconds)}.${place}`);
  return result;
}

function resultOf(
  model: Model,
  run: TrainingRun | undefined,
  status: TrainResult['status'],
  subsets?: SubsetFigures,
): TrainResult {
  const { history = [], step = 0, seconds = 0 } = run?.position ?? {};
  return { status, model, epochs: history, steps: step, seconds, ...(subsets && { subsets }) };
}

function checkLossWeights(model: Model, weights: Readonly<Record<string, number>>): void {
  for (const head of Object.keys(weights)) {
    if (Object.hasOwn(model.heads, head)) continue;
    throw new UnknownNameError({
      where: `lossWeights.${head}`,
      expected: 'the name of a head of the model',
      received: `"${head}"`,
      hint: suggestNames(head, Object.keys(model.heads)),
    });
  }
}
