import { ConfigError } from '@polymodal/core';
import { z } from 'zod';
import { type BatchSize, batchSizeSchema } from './data/batch-size';
import { type ModalityDropout, modalityDropoutSchema } from './data/modality-dropout';
import type { DataSources } from './data/name-sources';
import { type Packing, packingSchema } from './data/packing';
import type { Ratios } from './data/ratio-turns';
import type { SampleWeights, Weights } from './data/sample-weights';
import { type Modulation, modulationSchema } from './modalities/modulation';
import { type ParameterGroup, parameterGroupSchema } from './optimizers/parameter-groups';
import { type EmaOptions, emaSchema } from './optimizers/weight-average';
import { type ScheduleName, scheduleNames } from './schedules';
import type { GradientConflicts } from './weighing/gradient-conflicts';
import { type LossBalance, lossBalanceSchema } from './weighing/loss-balance';
import { type LossWeights, lossWeightsSchema } from './weighing/loss-weight';

/** What may differ from stage to stage. */
export interface StageOptions {
  /** Samples to learn from, each of which may lack any of its modalities; or several sources of them by name. */
  readonly data?: DataSources;
  /** Passes over the data. Default 10. */
  readonly epochs?: number;
  /** Steps, in place of epochs. */
  readonly steps?: number;
  /**
   * Samples that are computed at a time: so many, or with `{ tokens: 8192 }` as many as have so many tokens together, of all modalities and
   * with padding, or with `{ bytes: 2 ** 28 }` as many as a step keeps so many bytes of for going backward. Samples with more modalities or
   * longer ones then come fewer at a time, so that every step costs about as much. Default 32.
   */
  readonly batchSize?: BatchSize;
  /**
   * Whether samples share rows, one behind the other, each computed as by itself (default false): `true`, rows as long as the longest sample,
   * or `{ tokens: 1024 }`, so many of the sequence that they stand in. `batchSize` counts rows then. For language models that learn answers or
   * sequences; see `requirePacking` of core.
   */
  readonly packing?: Packing;
  /**
   * A slot, or none (default): samples that have an equal value of it stay together in batches, questions about one picture say. Where the
   * slot says `shared`, what they share is then encoded once.
   */
  readonly together?: string | false;
  /**
   * A head, or none (default): classes of its targets come equally often, rare ones by being taken several times in an epoch, frequent ones
   * by being taken now and then. An epoch has as many samples as there are; one without the target comes as often as one with it on average.
   */
  readonly balance?: string | false;
  /**
   * How often samples come, relative to one another: a number above 0 for each, in their order, `data.map(({ meta }) => meta.votes)` say; of
   * several sources, by name, and each once where there are none. An epoch has as many samples as there are. Default `false`: each once.
   */
  readonly weights?: Weights | false;
  /**
   * How many batches of each source there are in a round, `{ text: 1, image: 3, audio: 1 }`: in any window of so many batches as the ratios
   * add up to, wherever it begins, they are exact. A source that is through begins anew; an epoch is over when each batch of each source
   * has come. By default, `false`, each source has as many turns as it has batches.
   */
  readonly ratios?: Ratios | false;
  /**
   * Batches to a step: the gradients of so many are added up before the parameters change, which equals one batch that is so many
   * times as large, whatever each of them counts, in the memory of one. Default 1.
   */
  readonly accumulate?: number;
  /**
   * Whether losses that compare the rows of a batch, contrastive ones, compare those of all batches of a step (GradCache, Gao et al. 2021): with
   * `accumulate: 16` each row has the others of sixteen batches, in the memory of one, for one more forward pass. Losses and gradients are
   * those of one batch that is so many times as large. A head that cannot (`matching`) is refused by name. Default false.
   */
  readonly gradCache?: boolean;
  /**
   * The slots that take part: all others are as absent, from samples, from what is evaluated after an epoch, and from what learns; samples
   * that no head runs on then are left out. So modalities come in one after the other. Default `false`: all.
   */
  readonly activate?: readonly string[] | false;
  /**
   * What learns, of what may learn in the model: paths of parameters or modules, in which `*` stands for a name and `**` for any
   * number of names. Default all. The rest has no gradient, no moments and not a byte of change.
   */
  readonly train?: readonly string[];
  /** What of that does not. Default nothing. */
  readonly freeze?: readonly string[];
  /**
   * Whether parameters that learned in the stage before go on with their moments, as within one stage; those that did not begin
   * with none. By default all do: a stage is a training of its own.
   */
  readonly keepMoments?: boolean;
  /** Full learning rate of AdamW. Default 1e-3. */
  readonly learningRate?: number;
  /** Settings for parts of the model; the first that matches counts. */
  readonly parameterGroups?: readonly ParameterGroup[];
  /**
   * Layers of encoders learn the more slowly the farther they are from the end: layer i of n at the full rate times `layerDecay ** (n − i)`,
   * counted from 0, and what stands before the first at times `layerDecay ** (n + 1)` (ELECTRA, BEiT). Fusion and heads, and what follows the
   * last layer, learn at the full rate. Default 1: all do.
   */
  readonly layerDecay?: number;
  /**
   * Of encoders so many of the last layers learn, and what follows them, of what is to learn at all; fusion and heads as ever. Default `false`:
   * all layers.
   */
  readonly lastLayers?: number | false;
  /** Whether of encoders biases alone learn (BitFit, Ben Zaken et al. 2022), of what is to learn at all. Default false. */
  readonly biasesOnly?: boolean;
  /**
   * How strongly parameters of encoders are pulled back to what the run began with, in place of weight decay: α of L2-SP (Li et al. 2018), whose
   * loss has α / 2 · ‖w − w⁰‖² beside it. It keeps a copy of them. Default 0.
   */
  readonly l2sp?: number;
  /**
   * How encoders are run of which nothing learns in the stage, and whose finished tokens alone the fusion takes: as in inference, by
   * themselves, without dropout and without padding, compiled where the backend can, exactly (`'float32'`) or with products in integers of 8
   * bits (`'int8'`). What they give of values that are not changed at random is kept, see `towerCache`. Default `false`: as all else.
   */
  readonly frozenTowers?: 'float32' | 'int8' | false;
  /** Decoupled weight decay, of parameters with two axes or more. Default 0.01. */
  readonly weightDecay?: number;
  /** Decay of AdamW's moments. Default [0.9, 0.999]. */
  readonly betas?: readonly [first: number, second: number];
  /** How the learning rate rises and falls, from the first step of the stage to its last: see `learningRateAt`. Default `'cosine'`. */
  readonly schedule?: ScheduleName;
  /** Steps over which the learning rate rises: a number of steps, or below 1 a share of all. Default 0.05, of `one-cycle` 0.3. */
  readonly warmup?: number;
  /** Of the schedule `wsd`: the last steps, over which the learning rate falls: a number, or below 1 a share of all. Default 0.2. */
  readonly cooldown?: number;
  /** What the learning rate falls to. Default 0. */
  readonly minLearningRate?: number;
  /** Bound on the L2 norm of all gradients; `false` for none. Default 1. */
  readonly clipGradientNorm?: number | false;
  /**
   * An exponential moving average of what learns, which is what the stage comes to: it is evaluated, kept as the best, saved as the model and
   * gone on from in the next stage, while the steps go on from their own weights. `{ decay: 0.999 }`; default `false`, none.
   */
  readonly ema?: EmaOptions | false;
  /** Probability that a modality is taken from a sample; the last one stays. Default 0. */
  readonly modalityDropout?: ModalityDropout;
  /**
   * Weight of each head's loss: a number, or `{ from: 0, to: 1, over: 0.5 }` for one that changes along a line over so many steps, or such a
   * share of the stage's. Default 1; a head of weight 0 is not computed, and does not change.
   */
  readonly lossWeights?: LossWeights;
  /**
   * How losses are weighed against one another by what they come to, beside these weights: `{ use: 'uncertainty' }` (Kendall et al. 2018)
   * or `{ use: 'gradient-norm' }` (GradNorm, Chen et al. 2018). What is learned of it is gone on with where `keepMoments` says so. Default
   * `false`: fixed weights alone.
   */
  readonly lossBalance?: LossBalance | false;
  /**
   * What is done where the gradients of heads point away from one another in encoders and fusion: with `'report'` each step tells the cosines
   * between them, with `'project'` it also takes from each what works against the others (PCGrad, Yu et al. 2020). A step takes as many passes
   * as there are heads. Default `false`: they are added up.
   */
  readonly gradientConflicts?: GradientConflicts | false;
  /**
   * How encoders of modalities that are ahead are held back, so that others learn too: `{ use: 'ogm-ge', head: 'digit' }` (Peng et al. 2022).
   * It costs a forward pass of each modality alone. Default `false`: not at all.
   */
  readonly modulation?: Modulation | false;
  /**
   * Whether metrics and report tell how each modality takes part: its share of the gradients of encoders, how far its gates are open and how
   * much of it goes into the rows of `evaluate`, where the fusion says. Default false; with `modulation` they do.
   */
  readonly watchModalities?: boolean;
}

/** The settings of a stage, complete. */
export interface StageSettings extends Required<Omit<StageOptions, 'data' | 'epochs' | 'steps' | 'weights'>> {
  readonly name?: string;
  /** By source. */
  readonly weights: Readonly<Record<string, SampleWeights>> | false;
  /** The names of its sources. */
  readonly sources: readonly string[];
  /** Either these or steps. */
  readonly epochs?: number;
  readonly steps?: number;
}

const patterns = z.array(z.string().min(1));

/** Of {@link StageOptions}, without data. */
export const stageShape = {
  data: z.unknown().optional(), // see nameSources, which says what it may be
  epochs: z.int().positive().optional(),
  steps: z.int().positive().optional(),
  batchSize: batchSizeSchema.optional(),
  packing: packingSchema.optional(),
  together: z.union([z.string(), z.literal(false)]).optional(),
  balance: z.union([z.string(), z.literal(false)]).optional(),
  weights: z.unknown().optional(), // see parseWeights, which says what they may be
  ratios: z.union([z.record(z.string(), z.int().positive().max(1000)), z.literal(false)]).optional(),
  accumulate: z.int().positive().optional(),
  gradCache: z.boolean().optional(),
  activate: z.union([patterns.min(1), z.literal(false)]).optional(),
  train: patterns.min(1).optional(),
  freeze: patterns.optional(),
  keepMoments: z.boolean().optional(),
  learningRate: z.number().positive().optional(),
  parameterGroups: z.array(parameterGroupSchema).optional(),
  layerDecay: z.number().positive().max(1).optional(),
  lastLayers: z.union([z.int().nonnegative(), z.literal(false)]).optional(),
  biasesOnly: z.boolean().optional(),
  l2sp: z.number().nonnegative().optional(),
  frozenTowers: z.union([z.enum(['float32', 'int8']), z.literal(false)]).optional(),
  weightDecay: z.number().nonnegative().optional(),
  betas: z.tuple([z.number().min(0).lt(1), z.number().min(0).lt(1)]).optional(),
  schedule: z.enum(scheduleNames).optional(),
  warmup: z.number().nonnegative().optional(),
  cooldown: z.number().nonnegative().optional(),
  minLearningRate: z.number().nonnegative().optional(),
  clipGradientNorm: z.union([z.number().positive(), z.literal(false)]).optional(),
  ema: z.union([emaSchema, z.literal(false)]).optional(),
  modalityDropout: modalityDropoutSchema.optional(),
  lossWeights: lossWeightsSchema.optional(),
  lossBalance: z.union([lossBalanceSchema, z.literal(false)]).optional(),
  gradientConflicts: z.union([z.enum(['report', 'project']), z.literal(false)]).optional(),
  modulation: z.union([modulationSchema, z.literal(false)]).optional(),
  watchModalities: z.boolean().optional(),
};

const defaults: Omit<StageSettings, 'name' | 'sources' | 'epochs' | 'steps' | 'weights'> = {
  batchSize: 32,
  packing: false,
  together: false,
  balance: false,
  ratios: false,
  accumulate: 1,
  gradCache: false,
  activate: false,
  train: ['**'],
  freeze: [],
  keepMoments: false,
  learningRate: 1e-3,
  parameterGroups: [],
  layerDecay: 1,
  lastLayers: false,
  biasesOnly: false,
  l2sp: 0,
  frozenTowers: false,
  weightDecay: 0.01,
  betas: [0.9, 0.999],
  schedule: 'cosine',
  warmup: 0.05,
  cooldown: 0.2,
  minLearningRate: 0,
  clipGradientNorm: 1,
  ema: false,
  modalityDropout: 0,
  lossWeights: {},
  lossBalance: false,
  gradientConflicts: false,
  modulation: false,
  watchModalities: false,
};

/** Options that were parsed, and how errors call them. */
export interface GivenOptions {
  readonly options: Partial<z.output<z.ZodObject<typeof stageShape>>>;
  readonly where: string;
}

/**
 * What a stage goes by: its own options, else those of all stages, else the defaults.
 *
 * @param given from the innermost outwards
 * @throws ConfigError for epochs and steps side by side, and a cooldown where nothing cools down
 */
export function stageSettings(given: readonly GivenOptions[]): Omit<StageSettings, 'name' | 'sources' | 'weights'> {
  const length = given.map(lengthOf).find((own) => own !== undefined) ?? { epochs: 10 };
  const asked = <Name extends keyof typeof defaults>(name: Name) =>
    given.map(({ options }) => options[name]).find((value) => value !== undefined);
  const schedule = asked('schedule') ?? defaults.schedule;
  requireCooldown(given[0], schedule);
  const usual = { ...defaults, ...(schedule === 'one-cycle' && { warmup: 0.3 }) }; // as in PyTorch
  const chosen = (Object.keys(usual) as (keyof typeof usual)[]).map((name) => [name, asked(name) ?? usual[name]]);
  return { ...length, ...Object.fromEntries(chosen) };
}

function requireCooldown({ options, where }: GivenOptions, schedule: ScheduleName): void {
  if (options.cooldown === undefined || schedule === 'wsd') return;
  throw new ConfigError({
    where: `${where}.cooldown`,
    expected: "the schedule 'wsd', which has one",
    received: `the schedule '${schedule}'`,
    hint: 'Leave out one of the two, or name the other.',
  });
}

function lengthOf({ options: { epochs, steps }, where }: GivenOptions) {
  if (epochs !== undefined && steps !== undefined) {
    throw new ConfigError({
      where: `${where}.steps`,
      expected: 'epochs or steps',
      received: 'both',
      hint: 'Steps end a training in the middle of an epoch, too.',
    });
  }
  if (steps !== undefined) return { steps };
  return epochs === undefined ? undefined : { epochs };
}
