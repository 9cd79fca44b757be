import { type Model, RandomKey, suggestNames, UnknownNameError } from '@polymodal/core';
import { saveModel } from '@polymodal/core/node';
import { canLearn } from './data/can-learn';
import { CombinationSampler } from './data/combination-sampler';
import type { FeatureStore } from './data/feature-store';
import { ModalityDropoutSampler } from './data/modality-dropout';
import { prepareData } from './data/prepare-data';
import { requireModel } from './data/require-model';
import { unfit, unfittedProcessors } from './data/unfitted-processors';
import { evaluatePreparedSubsets, type SubsetFigures } from './evaluation/evaluate';
import { AdamW } from './optimizers/adamw';
import { assignGroups } from './optimizers/parameter-groups';
import { formatSeconds, progressBar } from './progress';
import { writeTrainingReport } from './report/training-report';
import { requireGradients } from './require-gradients';
import { RunFolder } from './run/run-folder';
import { type TrainingParts, TrainingRun } from './run/training-run';
import type { Schedule } from './schedules';
import { type ParsedTrainOptions, parseTrainOptions, type TrainOptions, type TrainSettings } from './train-options';
import type { TrainResult } from './train-result';
import { TrainStep } from './train-step';

/**
 * Trains a model on samples in which any modality may be missing. The model's parameters change in place.
 *
 * ```ts
 * await train(model, { data, evaluate: test, epochs: 10, modalityDropout: 0.3, directory: 'runs/digits' });
 * ```
 *
 * All samples and targets are checked before the first step. A slot or head that occurs in none of them is told as a warning of
 * the process (on standard error, as Node shows them).
 *
 * Processors that learn from training data keep what they learned once the model has learned from a step. A call that fails or is
 * interrupted before leaves them as they were.
 *
 * @throws ConfigError for options that cannot be used, and for a folder that holds something else, or a run of another config,
 *   other starting weights or other data
 * @throws SampleError for a sample or target that cannot be read, by its index
 * @throws LockedError for a folder that another process is training in
 * @throws StorageError for a folder that cannot be read or written
 * @throws FileFormatError for a run of which no checkpoint is whole
 * @throws BackendError for a backend that cannot compute the gradients of the model
 * @throws NonFiniteLossError for a loss that is not a number; it says whether a checkpoint is from before
 */
export async function train(model: Model, options: TrainOptions): Promise<TrainResult> {
  requireModel(model, 'train');
  const parsed = parseTrainOptions(options);
  checkLossWeights(model, parsed.settings.lossWeights);
  const parameters = assignGroups(model.parameters(), parsed.settings.parameterGroups, parsed.settings);
  const optimizer = new AdamW(parameters, { betas: parsed.settings.betas, epsilon: 1e-8 });
  const step = new TrainStep(model, parameters, optimizer, parsed.settings.lossWeights);
  const progress = progressBar(parsed.progress ?? true);
  const unfitted = unfittedProcessors(model);
  let folder: RunFolder | undefined;
  let run: TrainingRun | undefined;
  try {
    folder = await openFolder(model, parsed);
    const parts = await prepareParts(model, parsed, { optimizer, step, progress, folder });
    run = new TrainingRun(parts);
    await run.run();
    return await conclude(parts, run);
  } catch (error) {
    if (!run?.hasLearned) unfit(unfitted);
    if (!parsed.signal?.aborted || error !== parsed.signal.reason) throw error;
    const result = resultOf(model, run, 'interrupted');
    const hint = parsed.directory ? ` The same call resumes it from ${parsed.directory}.` : '';
    progress.say(`Interrupted after ${result.steps} steps.${hint}`);
    return result;
  } finally {
    optimizer.dispose();
    await folder?.release();
  }
}

/** Before any data are prepared: what is wrong with the folder is said at once. */
async function openFolder(model: Model, { directory, settings, resume }: ParsedTrainOptions) {
  if (directory === undefined) return undefined;
  return RunFolder.open(directory, model, settings, resume);
}

async function prepareParts(
  model: Model,
  options: ParsedTrainOptions,
  made: Pick<TrainingParts, 'optimizer' | 'step' | 'progress' | 'folder'>,
): Promise<TrainingParts> {
  const { settings } = options;
  const key = RandomKey.from(settings.seed).fold('train');
  const { store, evaluation, fingerprints } = await prepareData(model, options, key.fold('data'), made.progress);
  const sampler = combinationSampler(model, store, settings, key);
  const stepsPerEpoch = Math.ceil(sampler.batchesPerEpoch / settings.accumulate);
  const schedule = scheduleOf(settings, stepsPerEpoch * settings.epochs);
  await requireGradients(model, store, made.step, key);
  options.signal?.throwIfAborted(); // since it last was asked: a run begun is bound to its data
  await made.folder?.begin(fingerprints);
  return { ...made, model, schedule, store, sampler, evaluation, key, options };
}

function combinationSampler(model: Model, store: FeatureStore, settings: TrainSettings, key: RandomKey) {
  const dropout = new ModalityDropoutSampler(settings.modalityDropout, model.modalities, (modalities) =>
    canLearn(model, modalities),
  );
  const own = key.fold('modality dropout');
  return new CombinationSampler(store.shapes, {
    batchSize: settings.batchSize,
    epochs: settings.epochs,
    key: key.fold('batches'),
    keep: (present, epoch, index) => dropout.keep(present, own, epoch, index),
  });
}

function scheduleOf({ schedule, warmup, minLearningRate }: TrainSettings, totalSteps: number): Schedule {
  const warmupSteps = Math.round(warmup < 1 ? warmup * totalSteps : warmup);
  return { name: schedule, warmupSteps, totalSteps, minLearningRate };
}

async function conclude({ model, evaluation, folder, options, progress }: TrainingParts, run: TrainingRun) {
  const { signal, progress: shown } = options;
  const shownTo = shown === undefined ? {} : { progress: shown };
  const subsets = evaluation && (await evaluatePreparedSubsets(model, evaluation, { signal, ...shownTo }));
  const result = resultOf(model, run, 'finished', subsets);
  if (folder && !folder.isFinished) {
    await saveModel(model, folder.path('model'));
    await writeTrainingReport(folder.path('report.html'), result, options.settings);
    await folder.finish({ steps: result.steps, seconds: result.seconds, epochs: result.epochs.length, subsets });
  }
  const place = folder ? ` Model and report: ${options.directory}` : '';
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
      where: `train.lossWeights.${head}`,
      expected: 'the name of a head of the model',
      received: `"${head}"`,
      hint: suggestNames(head, Object.keys(model.heads)),
    });
  }
}
