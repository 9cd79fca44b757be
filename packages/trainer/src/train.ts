import { ConfigError, holdModel, type Model, RandomKey, suggestNames, UnknownNameError } from '@polymodal/core';
import { saveModel } from '@polymodal/core/node';
import { checkActive, inactive, learningActive } from './data/active-slots';
import { fitProcessors } from './data/fit-processors';
import { checkPacking } from './data/packing';
import { prepareData } from './data/prepare-data';
import type { Preparer } from './data/preparing/sample-preparer';
import { startPreparer } from './data/preparing/start-preparer';
import { requireAugmentations } from './data/require-augmentations';
import { requireModel } from './data/require-model';
import { addTokens, describeTokens, noTokens } from './data/token-count';
import { unfit, unfittedProcessors } from './data/unfitted-processors';
import { calibrateJudged, checkCalibrate } from './evaluation/calibrate';
import { evaluateJudged, evaluateJudgedSubsets } from './evaluation/evaluate';
import { checkGradCache } from './grad-cache';
import { learningHeads } from './loss-gradients';
import { checkModulation } from './modalities/modulation';
import { lastLayers } from './optimizers/last-layers';
import { decayLayers } from './optimizers/layer-decay';
import { assignGroups, type OptimizedParameter } from './optimizers/parameter-groups';
import { formatSeconds, progressBar } from './progress';
import { writeTrainingReport } from './report/training-report';
import { requireGradients } from './require-gradients';
import { checkBest } from './run/best-epoch';
import { checkFrozenCache } from './run/kept-starts';
import { RunFolder } from './run/run-folder';
import { batchSizes, planStages } from './run/stage';
import type { TrainingParts } from './run/training-parts';
import { TrainingRun } from './run/training-run';
import type { StageSettings } from './stage-options';
import { requireFrozenTowers } from './towers/frozen-towers';
import { type ParsedStage, type ParsedTrainOptions, parseTrainOptions, type TrainOptions } from './train-options';
import type { TrainResult } from './train-result';
import { checkConflicts } from './weighing/check-conflicts';
import { largestWeights } from './weighing/loss-weight';

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
 * With `stages` it goes through several, each of which may change what learns, from which sources and for which heads:
 *
 * ```ts
 * await train(model, {
 *   directory: 'runs/captions',
 *   stages: [
 *     { name: 'align', data: { pairs, captions }, train: ['fusion'], steps: 2000, learningRate: 1e-3 },
 *     { name: 'tune', data: { captions }, epochs: 3, learningRate: 1e-5 },
 *   ],
 * });
 * ```
 *
 * @throws StateError while another call trains the model
 * @throws ConfigError for options that cannot be used, and for a folder that holds something else, or a run of another config,
 *   other starting weights or other data
 * @throws SampleError for a sample or target that cannot be read, by its index
 * @throws WorkerError for a thread of `workers` that ends, for want of memory say
 * @throws LockedError for a folder that another process is training in
 * @throws StorageError for a folder that cannot be read or written
 * @throws FileFormatError for a run of which no checkpoint is whole
 * @throws BackendError for a backend that cannot compute the gradients of the model
 * @throws NonFiniteLossError for a loss that is not a number; it says whether a checkpoint is from before
 * @throws NonFiniteError for parameters that are none when they are to be saved: checkpoints from before stay
 */
export function train(model: Model, options: TrainOptions): Promise<TrainResult> {
  return trainWatched(model, options);
}

/** As {@link train}. @param watch sees the run when it is over, with all that it keeps */
export async function trainWatched(
  model: Model,
  options: TrainOptions,
  watch?: (run: TrainingRun) => void,
): Promise<TrainResult> {
  requireModel(model, 'train');
  const parsed = parseTrainOptions(options);
  requireAugmentations(model, parsed.augment);
  for (const stage of parsed.stages) {
    checkGradCache(model, stage, parsed.augment);
    checkConflicts(model, stage);
  }
  const learning = parsed.stages.map((stage) => learningParameters(model, stage));
  checkBest(model, parsed.settings.best, parsed.evaluate !== undefined);
  checkCalibrate(model, parsed.settings.calibrate === true, parsed.evaluate !== undefined);
  checkFrozenCache(model, parsed.frozenCacheBytes);
  const letGo = holdModel(model, 'train');
  const progress = progressBar(parsed.progress ?? true);
  const unfitted = unfittedProcessors(model);
  let folder: RunFolder | undefined;
  let preparer: Preparer | undefined;
  let run: TrainingRun | undefined;
  try {
    folder = await openFolder(model, parsed);
    await fitProcessors(model, parsed.sources, { progress, signal: parsed.signal });
    preparer = await startPreparer(model, parsed);
    const parts = await prepareParts(model, parsed, learning, { progress, folder }, preparer);
    run = new TrainingRun(parts);
    await run.run();
    watch?.(run);
    return await conclude(parts, run);
  } catch (error) {
    if (!run?.hasLearned) unfit(unfitted);
    if (!parsed.signal?.aborted || error !== parsed.signal.reason) throw error;
    const result = resultOf(model, run, 'interrupted');
    progress.say(`Interrupted after ${result.steps} steps.${wayOn(folder, parsed)}`);
    return result;
  } finally {
    await preparer?.close();
    run?.end();
    letGo();
    await folder?.release();
  }
}

function learningParameters(model: Model, { settings, where }: ParsedStage): OptimizedParameter[] {
  checkLossWeights(model, largestWeights(settings.lossWeights), where);
  checkActive(model, settings, where);
  checkTogether(model, settings.together, where);
  checkBalance(model, settings.balance, where);
  checkPacking(model, settings, where);
  const asked = assignGroups(model, settings.parameterGroups, settings, where);
  const active = learningActive(model, asked, settings.activate, where);
  const learning = narrowed(model, active, settings, where);
  checkModulation(model, settings, learning, where);
  if (settings.frozenTowers !== false) {
    requireFrozenTowers(model, learning, inactive(model.modalities, settings.activate), where);
  }
  return decayLayers(model, learning, settings.layerDecay);
}

/** Of what is to learn, what is left by options that say how much of encoders does. */
function narrowed(
  model: Model,
  asked: readonly OptimizedParameter[],
  { lastLayers: count, biasesOnly, l2sp }: StageSettings,
  where: string,
): readonly OptimizedParameter[] {
  const deepest = Math.max(0, ...Object.values(model.encoders).map(({ depth }) => depth));
  if (count !== false && count > deepest) {
    const expected = `at most ${deepest}, the layers of the deepest encoder`;
    throw new ConfigError({ where: `${where}.lastLayers`, expected, received: `${count}` });
  }
  const ofLayers = count === false ? asked : lastLayers(model, asked, count);
  const isOfEncoder = ({ path }: OptimizedParameter) => path.startsWith('encoders.') && !path.includes('.adapter.');
  const left = biasesOnly ? ofLayers.filter((own) => !isOfEncoder(own) || own.path.endsWith('.bias')) : ofLayers;
  if (biasesOnly && ofLayers.some(isOfEncoder) && !left.some(isOfEncoder)) {
    const received = 'encoders of which nothing that may learn is one: some families have none';
    throw new ConfigError({ where: `${where}.biasesOnly`, expected: 'encoders with biases', received });
  }
  if (left.length === 0) {
    const received = 'encoders without parameters in their last layers, and nothing else';
    throw new ConfigError({ where: `${where}.lastLayers`, expected: 'something that learns', received });
  }
  if (l2sp === 0) return left;
  if (!left.some(isOfEncoder)) {
    const expected = 'parameters of encoders that learn, to be pulled back';
    throw new ConfigError({ where: `${where}.l2sp`, expected, received: 'none' });
  }
  return left.map((own) => (isOfEncoder(own) ? { ...own, weightDecay: 0 } : own));
}

/** Before any data are prepared: what is wrong with the folder is said at once. */
async function openFolder(model: Model, { directory, settings, resume, featureCache }: ParsedTrainOptions) {
  if (directory === undefined) return undefined;
  return RunFolder.open(directory, model, settings, resume, featureCache?.directory);
}

async function prepareParts(
  model: Model,
  options: ParsedTrainOptions,
  learning: readonly (readonly OptimizedParameter[])[],
  made: Pick<TrainingParts, 'progress' | 'folder'>,
  preparer: Preparer,
): Promise<TrainingParts> {
  const { settings, signal } = options;
  const key = RandomKey.from(settings.seed).fold('train');
  const data = await prepareData(model, options, { preparer, key: key.fold('data'), progress: made.progress });
  const { evaluation, test, fingerprints } = data;
  const stages = planStages(model, options.stages, learning, data, { key, rematerialize: options.rematerialize });
  await requireGradients(model, stages, key);
  signal?.throwIfAborted(); // since it last was asked: a run begun is bound to its data
  await made.folder?.begin(fingerprints, batchSizes(stages));
  return { ...made, model, stages, evaluation, test, key, options };
}

/** How an interrupted training can be gone on with. */
function wayOn(folder: RunFolder | undefined, { directory }: ParsedTrainOptions): string {
  if (folder?.hasBegun) return ` The same call resumes it from ${directory}.`;
  return directory === undefined ? '' : ` Nothing had begun in ${directory} yet.`;
}

async function conclude({ model, evaluation, test, folder, options, progress }: TrainingParts, run: TrainingRun) {
  const { signal, progress: shown } = options;
  const shownTo = shown === undefined ? {} : { progress: shown };
  if (options.settings.calibrate && evaluation) {
    const fitted = await calibrateJudged(model, evaluation, { signal });
    if (fitted.length > 0)
      progress.say(`Fitted to what epochs were judged by, how answers are read: ${fitted.join(', ')}.`);
  }
  const subsets = evaluation && (await evaluateJudgedSubsets(model, evaluation, { signal, ...shownTo }));
  const tested = test && (await evaluateJudged(model, test, { signal }));
  const result = resultOf(model, run, 'finished', { ...(subsets && { subsets }), ...(tested && { test: tested }) });
  if (folder && !folder.isFinished) {
    await saveModel(model, folder.path('model'));
    await writeTrainingReport(folder.path('report.html'), result, options.settings);
    const { steps, seconds, epochs } = result;
    await folder.finish({ steps, seconds, epochs: epochs.length, subsets, test: tested });
  }
  progress.say(describeTokens(result.tokens));
  const place = folder ? ` Model and report: ${options.directory}` : '';
  progress.say(`Trained ${result.steps} steps in ${formatSeconds(result.seconds)}.${place}`);
  return result;
}

function resultOf(
  model: Model,
  run: TrainingRun | undefined,
  status: TrainResult['status'],
  figures: Pick<TrainResult, 'subsets' | 'test'> = {},
): TrainResult {
  const { history = [], step = 0, seconds = 0 } = run?.position ?? {};
  const [best, ...others] = (status === 'finished' && run?.best) || [];
  const isMean = others.length > 0 && run?.endsWithMean === true;
  const tokens = history.map((epoch) => epoch.tokens).reduce(addTokens, noTokens);
  return {
    status,
    model,
    epochs: history,
    ...(best && { best, kept: [best, ...others], isMean }),
    steps: step,
    seconds,
    tokens,
    ...figures,
  };
}

function checkLossWeights(model: Model, weights: Readonly<Record<string, number>>, where: string): void {
  const heads = Object.keys(model.heads);
  for (const head of Object.keys(weights)) {
    if (Object.hasOwn(model.heads, head)) continue;
    throw new UnknownNameError({
      where: `${where}.lossWeights.${head}`,
      expected: 'the name of a head of the model',
      received: `"${head}"`,
      hint: suggestNames(head, heads),
    });
  }
  if (learningHeads(model, weights).length > 0) return;
  throw new ConfigError({
    where: `${where}.lossWeights`,
    expected: 'a weight above 0 for at least one head, so that something is learned',
    received: heads.length === 1 ? `0 for ${heads[0]}, the only one` : `0 for all of ${heads.join(', ')}`,
  });
}

function checkTogether(model: Model, slot: string | false, where: string): void {
  if (slot === false || model.modalities.includes(slot)) return;
  throw new UnknownNameError({
    where: `${where}.together`,
    expected: 'the name of a slot of the model',
    received: `"${slot}"`,
    hint: suggestNames(slot, model.modalities),
  });
}

function checkBalance(model: Model, head: string | false, where: string): void {
  const heads = Object.keys(model.heads);
  if (head === false || heads.includes(head)) return;
  throw new UnknownNameError({
    where: `${where}.balance`,
    expected: 'the name of a head of the model',
    received: `"${head}"`,
    hint: suggestNames(head, heads),
  });
}
