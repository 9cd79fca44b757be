import { type Model, PolymodalError, RandomKey } from '@polymodal/core';
import { isImported } from './data/augment';
import { byteLength } from './data/byte-length';
import { type Dataset, type Samples, toDataset } from './data/dataset';
import { distinctValues } from './data/distinct-values';
import { fitProcessors } from './data/fit-processors';
import { importAugment } from './data/preparing/imported-augment';
import { SamplePreparer } from './data/preparing/sample-preparer';
import { readSample } from './data/read-sample';
import { requireModel } from './data/require-model';
import { isList } from './data/sample-weights';
import { progressBar } from './progress';
import type { TrainingRun } from './run/training-run';
import { trainWatched } from './train';
import { type ParsedStage, type ParsedTrainOptions, parseTrainOptions, type TrainOptions } from './train-options';

/** Bytes that a training takes of memory. */
export interface MemoryEstimate {
  /**
   * The most that this process has had, steps of every stage and an evaluation among it: the program itself, weights, gradients, moments and
   * averages, what is kept for going backward, and what the backend holds for each of its programs.
   */
  readonly steps: number;
  /** What the prepared features of the other samples will take beside it. */
  readonly features: number;
  /** What will be kept of their values beside features: what frozen towers give of them, and frozen layers (`frozenTowers`, `frozenCacheBytes`). */
  readonly kept: number;
  /** What will be kept of the files of the other samples as they were decoded (`decodedCacheBytes`), by each of the threads that prepare. */
  readonly decoded: number;
  /** Of the whole training: the sum. */
  readonly peak: number;
}

/** So many samples, and steps of each stage, show all kinds of batches that most trainings have, and the programs for them. */
const [triedSamples, triedSteps] = [512, 12];
/** Of samples that follow one another. */
const runLength = 16;

/**
 * What memory a training will take, by a short one on some of the samples, without a folder: what activations, programs and their arenas
 * come to cannot be known as surely from sizes. To be called in a process that has done nothing greater before. **The model has learned
 * afterwards**, and is to be thrown away.
 *
 * ```ts
 * const { peak } = await estimateMemory(model, { data, batchSize: 64 });
 * ```
 *
 * @param options as for `train`
 * @throws as `train` does for options and samples
 */
export async function estimateMemory(model: Model, options: TrainOptions): Promise<MemoryEstimate> {
  requireModel(model, 'estimateMemory');
  const parsed = parseTrainOptions(options);
  const { sources, stages, evaluate, test, cacheBytes } = parsed;
  await fitProcessors(model, sources, { progress: progressBar(false), signal: options.signal });
  const all = Object.entries({ ...Object.fromEntries(sources), evaluate, test });
  const bytes = await Promise.all(all.map(([name, own]) => (own ? bytesOfRest(model, own, name) : 0)));
  const decoded = Math.round(await decodedOfRest(model, parsed));
  let keptOfTried: TrainingRun['kept'] = [];
  try {
    await trainWatched(model, shortened(options), (run) => {
      keptOfTried = run.kept;
    });
  } catch (error) {
    throw ofAllSamples(error, Object.fromEntries(all.map(([name, own]) => [name, own?.length ?? 0])));
  }
  const steps = process.resourceUsage().maxRSS * 1024;
  const features = Math.round(
    Math.min(
      cacheBytes,
      bytes.reduce((sum, own) => sum + own, 0),
    ),
  );
  const kept = Math.round(await keptOfRest(model, stages, sources, keptOfTried));
  return { steps, features, kept, decoded, peak: steps + features + kept + decoded };
}

/** Runs of samples that tell how large their values are when they are decoded. */
const decodedRuns = 4;

/** What will be kept of the files of those samples that are not tried. */
async function decodedOfRest(
  model: Model,
  { sources, augment, decodedCacheBytes, workers, settings }: ParsedTrainOptions,
): Promise<number> {
  if (decodedCacheBytes === 0) return 0;
  const own = isImported(augment) ? await importAugment(augment) : augment;
  const preparer = SamplePreparer.of(model, { augment: own, decodedBytes: decodedCacheBytes });
  const key = RandomKey.from(settings.seed);
  let [all, tried] = [0, 0];
  for (const [name, data] of sources) {
    const runs = triedRuns(data.length);
    const seen = everyNth(runs, Math.ceil(runs.length / decodedRuns)).flat();
    const before = preparer.decodedBytes;
    for (const index of seen) {
      const where = `${name}, sample ${index}`;
      await preparer.prepare({ sample: await readSample(data, index, where), key: key.fold(index), where });
    }
    const each = (preparer.decodedBytes - before) / seen.length;
    all += each * data.length;
    tried += each * Math.min(data.length, triedSamples);
  }
  return Math.min(decodedCacheBytes, Math.max(1, workers) * all) - Math.min(decodedCacheBytes, tried);
}

function everyNth<T>(list: readonly T[], step: number): T[] {
  return list.filter((_, index) => index % step === 0);
}

/** What will be kept of values that were not tried, in the stage that keeps most of them. */
async function keptOfRest(
  model: Model,
  stages: readonly ParsedStage[],
  sources: ReadonlyMap<string, Dataset>,
  kept: TrainingRun['kept'],
): Promise<number> {
  let most = 0;
  for (const [index, own] of kept.entries()) {
    const slots = [...new Set(own.map(({ slot }) => slot))];
    if (slots.length === 0) continue;
    const counts = new Map(slots.map((slot) => [slot, 0]));
    for (const name of stages[index].settings.sources) {
      const data = sources.get(name)!;
      const distinct = await distinctValues(model, data, slots, triedRuns(data.length));
      for (const [slot, { all }] of distinct) counts.set(slot, counts.get(slot)! + all);
    }
    const rest = own.map(({ slot, values, bytes, most: bound }) => {
      const all = values > 0 ? (bytes / values) * Math.max(values, counts.get(slot)!) : 0;
      return Math.min(all, bound) - bytes;
    });
    most = Math.max(
      most,
      rest.reduce((sum, bytes) => sum + Math.max(0, bytes), 0),
    );
  }
  return most;
}

/** The same training, of a few samples and steps, that writes nothing. */
function shortened(options: TrainOptions): TrainOptions {
  const { data, evaluate, test, stages, towerCache } = options;
  const tried = new TriedSamples();
  const ofStage = (stage: NonNullable<TrainOptions['stages']>[number]) => ({
    ...stage,
    ...(stage.data && { data: tried.ofSources(stage.data) }),
    ...triedWeights(stage.weights),
    epochs: undefined,
    steps: triedSteps,
  });
  const written = {
    directory: undefined,
    tensorboard: false,
    featureCache: undefined,
    towerCache: towerCache === false ? towerCache : undefined,
    best: undefined,
    onEpoch: undefined,
  };
  return {
    ...options,
    ...written,
    ...(data && { data: tried.ofSources(data) }),
    ...triedWeights(options.weights),
    ...(evaluate && { evaluate: tried.of(evaluate) }),
    ...(test && { test: tried.of(test) }),
    ...(stages ? { stages: stages.map(ofStage), steps: undefined } : { steps: triedSteps }),
    epochs: undefined,
    progress: false,
  } as TrainOptions;
}

/** Those of the samples that are tried. */
function triedWeights(weights: TrainOptions['weights']): Pick<TrainOptions, 'weights'> {
  if (!weights) return {};
  const triedOf = (own: ArrayLike<number>) =>
    Array.from({ length: Math.min(own.length, triedSamples) }, (_, index) => own[triedIndex(index, own.length)]);
  if (isList(weights)) return { weights: triedOf(weights) };
  return { weights: Object.fromEntries(Object.entries(weights).map(([name, own]) => [name, triedOf(own)])) };
}

/** An error of one of the samples that are tried, which it then calls by its number among all. @param lengths of all, by name */
function ofAllSamples(error: unknown, lengths: Readonly<Record<string, number>>): unknown {
  if (!PolymodalError.isInstance(error)) return error;
  const [, name, index, rest] = /^(.+?), sample (\d+)(.*)$/s.exec(error.where ?? '') ?? [];
  if (name === undefined || !Object.hasOwn(lengths, name)) return error;
  return error.at(`${name}, sample ${triedIndex(Number(index), lengths[name])}${rest}`);
}

type Sources = NonNullable<TrainOptions['data']>;

/**
 * Which sample is tried: short runs from all over the data, so that sorted data show all that is in them, and neighbours that have a value in
 * common stay together.
 */
function triedIndex(index: number, length: number): number {
  if (length <= triedSamples) return index;
  const [run, place] = [Math.floor(index / runLength), index % runLength];
  return Math.round((run * (length - runLength)) / (triedSamples / runLength - 1)) + place;
}

/** The samples that are tried, in runs. */
function triedRuns(length: number): number[][] {
  const tried = Array.from({ length: Math.min(length, triedSamples) }, (_, index) => triedIndex(index, length));
  return Array.from({ length: Math.ceil(tried.length / runLength) }, (_, run) =>
    tried.slice(run * runLength, (run + 1) * runLength),
  );
}

/** The samples of sources that are tried; of the same samples, wherever they occur, the same. */
class TriedSamples {
  readonly #known = new Map<Samples, Samples>();

  ofSources(data: Sources): Sources {
    if (Array.isArray(data) || typeof (data as Dataset).get === 'function') return this.of(data as Samples);
    return Object.fromEntries(
      Object.entries(data as Record<string, Samples>).map(([name, own]) => [name, this.of(own)]),
    );
  }

  of(samples: Samples): Samples {
    const all = toDataset(samples, 'data');
    const tried = this.#known.get(samples) ?? {
      length: Math.min(all.length, triedSamples),
      get: (index: number) => all.get(triedIndex(index, all.length)),
    };
    this.#known.set(samples, tried);
    return tried;
  }
}

/** What the features of those samples will take that are not tried, by some from all over the data. */
async function bytesOfRest(model: Model, data: Dataset, name: string): Promise<number> {
  const seen = Math.min(data.length, 32);
  let bytes = 0;
  for (let number = 0; number < seen; number++) {
    const index = Math.floor((number * data.length) / seen);
    bytes += byteLength(await model.prepare(await data.get(index), undefined, `${name}, sample ${index}`));
  }
  return (bytes / seen) * Math.max(0, data.length - triedSamples);
}
