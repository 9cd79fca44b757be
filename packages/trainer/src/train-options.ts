import { augmentationLists, ConfigError, describeValue, isRecord, parseConfig, unknownKeys } from '@polymodal/core';
import { z } from 'zod';
import { type Augment, type AugmentationWords, augmentationWords, slotAugmentations } from './data/augment';
import { blocksChecksum } from './data/block-order';
import { cacheBytesSchema, usualCacheBytes } from './data/cache-budget';
import { type Dataset, type Samples, toDataset } from './data/dataset';
import { type DataSources, nameSources } from './data/name-sources';
import { workersSchema } from './data/preparing/start-preparer';
import { parseWeights } from './data/sample-weights';
import { type ProgressStream, progressSchema } from './progress';
import { type BestOptions, bestSchema } from './run/best-epoch';
import type { EpochRecord } from './run/epoch-record';
import { signalSchema } from './run/interrupt-signal';
import { type StageOptions, type StageSettings, stageSettings, stageShape } from './stage-options';

/** A stage of a training, with what is its own; all else is as the options around it say. */
export interface NamedStageOptions extends StageOptions {
  /** How metrics, progress and the report call it. Default `stage-1` and so on. */
  readonly name?: string;
}

/** How to train, apart from what to learn from. */
export interface RunOptions extends Omit<StageOptions, 'data'> {
  /** Samples to report on after each epoch and, on every subset of the modalities, at the end. */
  readonly evaluate?: Samples;
  /** Samples to report on once, at the end, by which nothing is chosen: what the figures of a paper or a product are made on. */
  readonly test?: Samples;
  /**
   * Ends with the parameters of the epoch that did best on `evaluate`, and not with the last, of the last stage where there are several;
   * and stops early, if it has patience.
   */
  readonly best?: BestOptions;
  /**
   * Whether heads that can have how their answers are read fitted to `evaluate` when all is learned, before the model is judged and saved: temperatures
   * and thresholds, as {@link calibrate} does. What is then told of `evaluate` is a little too good; `test` is not. Default false.
   */
  readonly calibrate?: boolean;
  /**
   * What is changed at random in training, anew in each epoch: by slot the augmentations of its values, one after the other. Or a function
   * that changes raw samples as wholes, before they are prepared; where there are `workers`, by the module that exports it.
   */
  readonly augment?: Augment;
  /**
   * Threads that read, augment and prepare samples ahead while this one computes: the same samples to the bit, however many. Default 0, this
   * thread alone. They import the plugins of the model, which say where they are (`module: import.meta.url`).
   */
  readonly workers?: number;
  /** Decides all that is random. Default 0. */
  readonly seed?: number;
  /** Folder of the run: config, metrics, checkpoints, and in the end the model and a report. */
  readonly directory?: string;
  /** Whether the folder gets a file of events that TensorBoard shows: `tensorboard --logdir runs`. Default false. */
  readonly tensorboard?: boolean;
  /** How often the state is saved to the folder. Default: every epoch. At the end of a stage it always is. */
  readonly checkpointEvery?: { readonly epochs: number } | { readonly steps: number };
  /**
   * Whether a run in the folder is gone on with (default) or replaced. One that is finished already gives its model
   * and its result.
   */
  readonly resume?: boolean;
  /** Bytes of prepared features that may stay in memory: of `data`, then of `evaluate` and `test`. Default 2³⁰. */
  readonly cacheBytes?: number;
  /**
   * Bytes of decoded values that may stay in memory, pixels and samples of sound, of files whose values are changed at random (`augment`, by slot): they
   * are changed anew in each epoch, and not decoded anew. Of all `workers` together, each of which keeps its own. Default 0: none.
   */
  readonly decodedCacheBytes?: number;
  /**
   * Bytes of what frozen layers make of values that come again, before anything that learns has a part in it: steps begin behind them. Of a
   * fusion that says what that is (`flamingo` with `from`), and of stages in which those layers do not learn. It is as in answering: nothing
   * is dropped there. Default 0: such layers are run in each step.
   */
  readonly frozenCacheBytes?: number;
  /**
   * A folder where features are kept from run to run, by the content of samples and of their files, so that these need not be decoded again;
   * with `maxBytes`, by default 2³⁴, of which those give way that were not used for longest. Processes may share it. What is changed at random is not kept.
   */
  readonly featureCache?: string | { readonly directory: string; readonly maxBytes?: number };
  /**
   * Where what `frozenTowers` give of values is kept beside memory (of which `cacheBytes` of their own): a folder, in which it is known again
   * from run to run by the content of values and by the weights of the encoder, with `maxBytes`, by default 2³⁴; `false` keeps nothing, also not
   * in memory. Default: memory alone.
   */
  readonly towerCache?: string | { readonly directory: string; readonly maxBytes?: number } | false;
  /**
   * Whether steps over batches of one shape are taken without running the code of the model each time, where the backend can: bit by bit
   * the same, and faster (default). A part that goes by what it keeps in JavaScript needs `false`.
   */
  readonly replay?: boolean;
  /**
   * Whether layers keep nothing for their gradients but what goes into them, and are computed again when these are made: a third more
   * work, in much less memory where a model is deep, and the same numbers (gradient checkpointing). Default false.
   */
  readonly rematerialize?: boolean;
  /** Stops training after the current step, with a checkpoint if there is a folder. */
  readonly signal?: AbortSignal;
  /** Where progress is shown: standard error by default, nowhere for `false`. */
  readonly progress?: boolean | ProgressStream;
  /** Called after each epoch. */
  readonly onEpoch?: (record: EpochRecord) => void | Promise<void>;
}

/**
 * How to train. Only `data` is needed. With `stages` a run goes through them one after the other, and the options around them are the
 * defaults of each.
 */
export type TrainOptions = RunOptions &
  (
    | { readonly data: DataSources; readonly stages?: readonly NamedStageOptions[] }
    | { readonly data?: undefined; readonly stages: readonly (NamedStageOptions & { readonly data: DataSources })[] }
  );

const aFunction = z.custom((value) => typeof value === 'function', 'a function');

function isAugment(value: unknown): boolean {
  return typeof value === 'function' || isRecord(value); // see requireAugmentations, which knows the model
}

const stageSchema = z.strictObject({ ...stageShape, name: z.string().min(1).max(64).optional() });

const featureCacheBytes = 2 ** 34;

const featureCacheSchema = z.union([
  z
    .string()
    .min(1)
    .transform((directory) => ({ directory, maxBytes: featureCacheBytes })),
  z.strictObject({ directory: z.string().min(1), maxBytes: z.number().positive().default(featureCacheBytes) }),
]);

const optionsSchema = z.strictObject({
  ...stageShape,
  stages: z.array(z.unknown()).min(1).optional(),
  evaluate: z.unknown().optional(),
  test: z.unknown().optional(),
  best: bestSchema.optional(),
  calibrate: z.boolean().default(false),
  augment: z.custom<Augment>(isAugment, 'augmentations by slot, or a function').optional(),
  workers: workersSchema.default(0),
  seed: z.int().default(0),
  directory: z.string().min(1).optional(),
  checkpointEvery: z
    .union([z.strictObject({ epochs: z.int().positive() }), z.strictObject({ steps: z.int().positive() })])
    .default({ epochs: 1 }),
  tensorboard: z.boolean().default(false),
  resume: z.boolean().default(true),
  cacheBytes: cacheBytesSchema.default(usualCacheBytes),
  decodedCacheBytes: z.number().nonnegative().default(0),
  frozenCacheBytes: z.number().nonnegative().default(0),
  featureCache: featureCacheSchema.optional(),
  towerCache: z.union([z.literal(false), featureCacheSchema]).optional(),
  replay: z.boolean().default(true),
  rematerialize: z.boolean().default(false),
  signal: signalSchema.optional(),
  progress: progressSchema.optional(),
  onEpoch: aFunction.optional(),
});

const { data: _, weights: __, ...learningShape } = stageShape;
const fileOptions = optionsSchema.pick({
  seed: true,
  best: true,
  calibrate: true,
  checkpointEvery: true,
  tensorboard: true,
  cacheBytes: true,
  decodedCacheBytes: true,
  frozenCacheBytes: true,
  featureCache: true,
  towerCache: true,
  workers: true,
  replay: true,
  rematerialize: true,
});

/** Those options of `train` that a file can hold: all but samples and what is said of each, functions, signals and streams. */
export const trainingOptions = z.strictObject({
  ...learningShape,
  stages: z
    .array(z.strictObject({ ...learningShape, name: stageSchema.shape.name }))
    .min(1)
    .optional(),
  ...fileOptions.shape,
  /** By slot the augmentations of its values, one after the other: `photo: [{ use: flip }]`. */
  augment: augmentationLists.optional(),
});

/** The options that decide what is learned, complete. A run resumes only with the same. */
export type TrainSettings = {
  readonly seed: number;
  readonly best?: BestOptions;
  readonly calibrate?: boolean;
  /** By slot. A function has no place here: what it makes of samples is known by their fingerprints. */
  readonly augment?: AugmentationWords;
  /** Of each source whose samples lie in blocks, which decide their order: a checksum of how. */
  readonly blocks?: Readonly<Record<string, string>>;
} & (StageSettings | { readonly stages: readonly StageSettings[] });

/** A stage, and how errors call its options. */
export interface ParsedStage {
  readonly settings: StageSettings;
  readonly where: string;
}

/** Options of a call that have a default, and do not decide what is learned. */
type GivenToRun = Pick<
  RunOptions,
  | 'checkpointEvery'
  | 'tensorboard'
  | 'resume'
  | 'cacheBytes'
  | 'decodedCacheBytes'
  | 'frozenCacheBytes'
  | 'featureCache'
  | 'towerCache'
  | 'workers'
  | 'replay'
  | 'rematerialize'
>;

/** Options with defaults filled in. */
export interface ParsedTrainOptions
  extends Omit<RunOptions, keyof StageOptions | 'seed' | 'best' | 'calibrate' | 'evaluate' | 'test' | keyof GivenToRun>,
    Pick<z.output<typeof optionsSchema>, keyof GivenToRun> {
  readonly evaluate?: Dataset;
  readonly test?: Dataset;
  readonly settings: TrainSettings;
  /** One, without a name, if there were no `stages` among the options. */
  readonly stages: readonly ParsedStage[];
  readonly sources: ReadonlyMap<string, Dataset>;
}

/** Checks options and fills in defaults. @throws ConfigError naming the option, with the nearest name for a misspelt one */
export function parseTrainOptions(options: TrainOptions): ParsedTrainOptions {
  if (!isRecord(options)) {
    throw new ConfigError({
      where: 'train',
      expected: 'a model and an object of options, with data among them',
      received: describeValue(options),
      ...(Array.isArray(options) && { hint: 'For an array of samples: train(model, { data: samples }).' }),
    });
  }
  const parsed = parseConfig(optionsSchema, options, 'train');
  const { seed, best, calibrate, checkpointEvery, tensorboard, resume, workers, replay, rematerialize } = parsed;
  const { cacheBytes, decodedCacheBytes, frozenCacheBytes, featureCache, towerCache } = parsed;
  if (tensorboard && options.directory === undefined) throw withoutFolder();
  const { sources, stages } = parseStages(options, parsed);
  const list = stages.map(({ settings }) => settings);
  if (towerCache && !list.some(({ frozenTowers }) => frozenTowers)) throw withoutTowers();
  const words = augmentationWords(slotAugmentations(options.augment));
  const blocks = blocksOf(sources);
  const settings = {
    seed,
    ...(best && { best }),
    ...(calibrate && { calibrate }),
    ...(words && { augment: words }),
    ...(blocks && { blocks }),
    ...(options.stages ? { stages: list } : list[0]),
  };
  const { augment, directory, signal, progress, onEpoch } = options;
  const evaluate = options.evaluate === undefined ? undefined : toDataset(options.evaluate, 'train.evaluate');
  const test = options.test === undefined ? undefined : toDataset(options.test, 'train.test');
  const optional = { evaluate, towerCache, test, augment, featureCache, directory, signal, progress, onEpoch };
  const given = Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined));
  return {
    ...given,
    checkpointEvery,
    tensorboard,
    resume,
    cacheBytes,
    decodedCacheBytes,
    frozenCacheBytes,
    workers,
    replay,
    rematerialize,
    settings,
    stages,
    sources,
  };
}

function blocksOf(sources: ReadonlyMap<string, Dataset>): TrainSettings['blocks'] {
  const checksums = [...sources].flatMap(([name, dataset]) => {
    const checksum = blocksChecksum(dataset);
    return checksum === undefined ? [] : [[name, checksum] as const];
  });
  return checksums.length === 0 ? undefined : Object.fromEntries(checksums);
}

function withoutFolder(): ConfigError {
  return new ConfigError({
    where: 'train.tensorboard',
    expected: 'a directory beside it, in which the file of events is written',
    received: 'none',
  });
}

function withoutTowers(): ConfigError {
  return new ConfigError({
    where: 'train.towerCache',
    expected: "frozenTowers beside it, 'float32' or 'int8', whose results it keeps",
    received: 'none',
  });
}

function parseStages(options: TrainOptions, parsed: z.output<typeof optionsSchema>) {
  const outer = { options: parsed, where: 'train' };
  if (!parsed.stages) {
    const { sources, ofStage } = nameSources([{ data: options.data, where: 'train.data', name: 'data' }]);
    const weights = parseWeights(parsed.weights, sources, 'train.weights');
    const settings = { ...stageSettings([outer]), weights, sources: ofStage[0] };
    requireRatios(settings, 'train');
    requireOneBalance(settings, 'train');
    return { sources, stages: [{ settings, where: 'train' }] };
  }
  const names = parsed.stages.map(nameOf);
  const whereOf = (index: number) => `train.stages.${names[index]}`;
  const stages = parsed.stages.map((stage, index) => parseConfig(stageSchema, stage, whereOf(index)));
  names.forEach((name, index) => {
    if (names.indexOf(name) === index) return;
    throw new ConfigError({
      where: 'train.stages',
      expected: 'stages of different names',
      received: `two named "${name}"`,
    });
  });
  const data = names.map((name, index) => {
    const own = options.stages![index].data;
    return own === undefined
      ? { data: options.data, where: 'train.data', name: 'data' }
      : { data: own, where: `${whereOf(index)}.data`, name };
  });
  const { sources, ofStage } = nameSources(data);
  return {
    sources,
    stages: stages.map((own, index) => {
      const where = whereOf(index);
      const common = stageSettings([{ options: own, where }, outer]);
      const ofSources = new Map(ofStage[index].map((name) => [name, sources.get(name)!]));
      const weights = parseWeights(own.weights ?? parsed.weights, ofSources, `${where}.weights`);
      const settings = { name: names[index], sources: ofStage[index], weights, ...common };
      requireRatios(settings, where);
      requireOneBalance(settings, where);
      return { where, settings };
    }),
  };
}

/** Ratios are those of the stage's sources, of each of them. */
function requireRatios({ ratios, sources }: StageSettings, where: string): void {
  if (ratios === false) return;
  const place = `${where}.ratios`;
  const unknown = unknownKeys(ratios, sources);
  if (unknown) throw new ConfigError({ where: place, expected: 'the sources of the stage', ...unknown });
  const left = sources.filter((name) => !Object.hasOwn(ratios, name));
  if (left.length === 0) return;
  const hint = 'A source that is not to be learned from is no source of the stage.';
  throw new ConfigError({
    where: place,
    expected: 'a ratio for each source',
    received: `none for ${left.join(', ')}`,
    hint,
  });
}

/** Classes that come equally often leave nothing for other weights to say. */
function requireOneBalance({ balance, weights }: StageSettings, where: string): void {
  if (balance === false || weights === false) return;
  throw new ConfigError({
    where: `${where}.weights`,
    expected: 'balance or weights',
    received: 'both',
    hint: 'Weights may balance classes and more: divide those of each class by their sum.',
  });
}

/** By which errors, metrics and reports call a stage. */
function nameOf(stage: unknown, index: number): string {
  return isRecord(stage) && typeof stage.name === 'string' && stage.name ? stage.name : `stage-${index + 1}`;
}
