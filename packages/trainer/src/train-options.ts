import { ConfigError, describeValue, isRecord, parseConfig, type RandomKey, type Sample } from '@polymodal/core';
import { z } from 'zod';
import type { Samples } from './data/dataset';
import { type ModalityDropout, modalityDropoutSchema } from './data/modality-dropout';
import { type ParameterGroup, parameterGroupSchema } from './optimizers/parameter-groups';
import { type ProgressStream, progressSchema } from './progress';
import type { EpochRecord } from './run/epoch-record';
import { signalSchema } from './run/interrupt-signal';
import type { ScheduleName } from './schedules';

/** How to train. Only `data` is needed. */
export interface TrainOptions {
  /** Samples to learn from; each may lack any of its modalities. */
  readonly data: Samples;
  /** Samples to report on after each epoch and, on every subset of the modalities, at the end. */
  readonly evaluate?: Samples;
  /** Passes over the data. Default 10. */
  readonly epochs?: number;
  /** Samples that are computed at a time. Default 32. */
  readonly batchSize?: number;
  /**
   * Batches to a step: the gradients of so many are added up before the parameters change, which equals one batch that is so many
   * times as large, whatever each of them counts, in the memory of one. Default 1.
   */
  readonly accumulate?: number;
  /** Full learning rate of AdamW. Default 1e-3. */
  readonly learningRate?: number;
  /** Settings for parts of the model; the first that matches counts. */
  readonly parameterGroups?: readonly ParameterGroup[];
  /** Decoupled weight decay, of parameters with two axes or more. Default 0.01. */
  readonly weightDecay?: number;
  /** Decay of AdamW's moments. Default [0.9, 0.999]. */
  readonly betas?: readonly [first: number, second: number];
  /** How the learning rate falls. Default `'cosine'`. */
  readonly schedule?: ScheduleName;
  /** Steps over which the learning rate rises: a number of steps, or below 1 a share of all. Default 0.05. */
  readonly warmup?: number;
  /** What the learning rate falls to. Default 0. */
  readonly minLearningRate?: number;
  /** Bound on the L2 norm of all gradients; `false` for none. Default 1. */
  readonly clipGradientNorm?: number | false;
  /** Probability that a modality is taken from a sample; the last one stays. Default 0. */
  readonly modalityDropout?: ModalityDropout;
  /** Weight of each head's loss. Default 1. */
  readonly lossWeights?: Readonly<Record<string, number>>;
  /** Changes raw samples at random before they are prepared, anew in each epoch. */
  readonly augment?: (sample: Sample, key: RandomKey) => Sample | Promise<Sample>;
  /** Decides all that is random. Default 0. */
  readonly seed?: number;
  /** Folder of the run: config, metrics, checkpoints, and in the end the model and a report. */
  readonly directory?: string;
  /** How often the state is saved to the folder. Default: every epoch. */
  readonly checkpointEvery?: { readonly epochs: number } | { readonly steps: number };
  /**
   * Whether a run in the folder is gone on with (default) or replaced. One that is finished already gives its model
   * and its result.
   */
  readonly resume?: boolean;
  /** Bytes of prepared features that may stay in memory. Default 2³⁰. */
  readonly cacheBytes?: number;
  /** Stops training after the current step, with a checkpoint if there is a folder. */
  readonly signal?: AbortSignal;
  /** Where progress is shown: standard error by default, nowhere for `false`. */
  readonly progress?: boolean | ProgressStream;
  /** Called after each epoch. */
  readonly onEpoch?: (record: EpochRecord) => void | Promise<void>;
}

const settingsShape = {
  epochs: z.int().positive().default(10),
  batchSize: z.int().positive().default(32),
  accumulate: z.int().positive().default(1),
  learningRate: z.number().positive().default(1e-3),
  parameterGroups: z.array(parameterGroupSchema).default([]),
  weightDecay: z.number().nonnegative().default(0.01),
  betas: z.tuple([z.number().min(0).lt(1), z.number().min(0).lt(1)]).default([0.9, 0.999]),
  schedule: z.enum(['constant', 'cosine', 'linear']).default('cosine'),
  warmup: z.number().nonnegative().default(0.05),
  minLearningRate: z.number().nonnegative().default(0),
  clipGradientNorm: z.union([z.number().positive(), z.literal(false)]).default(1),
  modalityDropout: modalityDropoutSchema.default(0),
  lossWeights: z.record(z.string(), z.number().nonnegative()).default({}),
  seed: z.int().default(0),
};

const aFunction = z.custom((value) => typeof value === 'function', 'a function');

const optionsSchema = z.strictObject({
  ...settingsShape,
  data: z.unknown().optional(), // see toDataset, which says what it may be
  evaluate: z.unknown().optional(),
  augment: aFunction.optional(),
  directory: z.string().min(1).optional(),
  checkpointEvery: z
    .union([z.strictObject({ epochs: z.int().positive() }), z.strictObject({ steps: z.int().positive() })])
    .default({ epochs: 1 }),
  resume: z.boolean().default(true),
  cacheBytes: z
    .number()
    .nonnegative()
    .default(2 ** 30),
  signal: signalSchema.optional(),
  progress: progressSchema.optional(),
  onEpoch: aFunction.optional(),
});

/** The options that decide what is learned, complete. A run resumes only with the same. */
export type TrainSettings = z.output<z.ZodObject<typeof settingsShape>>;

/** Options with defaults filled in. */
export type ParsedTrainOptions = Omit<TrainOptions, keyof TrainSettings> &
  Pick<z.output<typeof optionsSchema>, 'checkpointEvery' | 'resume' | 'cacheBytes'> & {
    readonly settings: TrainSettings;
  };

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
  const { directory: _, ...parsed } = parseConfig(optionsSchema, options, 'train');
  const names = Object.keys(settingsShape) as (keyof TrainSettings)[];
  const settings = Object.fromEntries(names.map((name) => [name, parsed[name]])) as TrainSettings;
  const { checkpointEvery, resume, cacheBytes } = parsed;
  return { ...options, checkpointEvery, resume, cacheBytes, settings };
}
