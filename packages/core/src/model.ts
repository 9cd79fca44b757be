import type * as tf from '@tensorflow/tfjs-core';
import type { Batch, HostBatch } from './batch';
import { checkTargetNames } from './check-sample';
import type { Context } from './context';
import { describeValue } from './describe-value';
import { asSampleError, SampleError } from './errors';
import type { Encoders, Fusion } from './fusion';
import type { Head } from './head';
import { HeadTree } from './head-tree';
import type { UncheckedModelConfig } from './model-config';
import { Module } from './module';
import type { Answered, AnswerOrError, Prediction } from './predict/answer';
import { answerBatch } from './predict/answer-batch';
import { answerStream } from './predict/answer-stream';
import { type ForwardParts, ModelPrograms } from './predict/model-programs';
import { type PredictOptions, parsePredictOptions } from './predict/predict-options';
import { collateSamples, type PreparedSample, type Processors, prepareSample } from './prepared-sample';
import type { ProcessContext } from './processor';
import type { Sample, Targets } from './sample';
import type { Fused } from './tokens';

/** What a {@link Model} is made of. */
export interface ModelParts {
  readonly config: UncheckedModelConfig;
  readonly processors: Processors;
  readonly encoders: Encoders;
  readonly fusion: Fusion;
  readonly heads: Readonly<Record<string, Head>>;
  /** For each head `'fused'` or the name of the head that feeds it. */
  readonly headInputs: Readonly<Record<string, string>>;
  /** Whether samples may name files by their paths (default true). */
  readonly readFiles?: boolean;
}

/** One head's part of a forward pass. */
export interface HeadOutput {
  /** Positions in the batch of the rows that the head ran on. */
  readonly rows: readonly number[];
  readonly output: unknown;
}

/** The tensors of a forward pass. */
export interface ModelOutput {
  readonly fused: Fused;
  readonly heads: Readonly<Record<string, HeadOutput>>;
}

/** What {@link Model.predict} takes. */
export type Samples = Iterable<Sample> | AsyncIterable<Sample>;

/** The names of a model's heads. */
type HeadName<Answers> = Extract<keyof Answers, string>;

/**
 * Encoders, a fusion and heads, composed. Make one with `composeModel`.
 *
 * ```ts
 * const model = composeModel(registry, config);
 * await train(model, { data: samples }); // of `@polymodal/trainer`
 * console.log(await model.predict([{ photo: 'ripe.jpg' }]));
 * model.dispose();
 * ```
 *
 * @typeParam Answers what it answers for a sample, by head
 */
export class Model<Answers extends Prediction = Prediction> extends Module {
  /** As given, JSON: `composeModel` makes the same model from it. */
  readonly config: UncheckedModelConfig;
  readonly encoders: Encoders;
  readonly fusion: Fusion;
  readonly heads: Readonly<Record<string, Head>>;
  readonly processors: Processors;
  /** Whether samples may name files by their paths. */
  readonly readFiles: boolean;
  readonly #parts: ForwardParts;
  readonly #programs: ModelPrograms;
  /** What a sample's targets may be called; `undefined` where a head does not say. */
  readonly #targetNames: readonly string[] | undefined;

  constructor(parts: ModelParts) {
    super();
    this.config = parts.config;
    this.encoders = parts.encoders;
    this.fusion = parts.fusion;
    this.heads = parts.heads;
    this.processors = parts.processors;
    this.readFiles = parts.readFiles ?? true;
    this.#parts = { ...parts, tree: new HeadTree(parts.heads, parts.headInputs) };
    this.#programs = new ModelPrograms(this.#parts);
    this.#targetNames = targetNames(Object.values(parts.heads));
  }

  /** The names under which a sample may have a value. */
  get modalities(): string[] {
    return Object.keys(this.processors);
  }

  /** Raw values to features, with all that the sample says checked. @throws SampleError */
  async prepare(
    sample: Sample,
    context: ProcessContext = { training: false },
    where = 'sample',
  ): Promise<PreparedSample> {
    const allowed = this.readFiles ? context : { ...context, readFiles: false };
    const prepared = await prepareSample(this.processors, sample, allowed, where);
    try {
      if (prepared.targets) this.#checkTargets(prepared.targets, where);
    } catch (error) {
      throw asSampleError(error, `${where}, targets`, 'targets that can be read');
    }
    return prepared;
  }

  /** Features of several samples to one batch in host memory. */
  collate(samples: readonly PreparedSample[]): HostBatch {
    return collateSamples(this.processors, samples);
  }

  /**
   * Encodes, fuses and runs every head on the rows that it can run on.
   *
   * @throws MissingModalityError for a head that is asked for by name and a row that it cannot run on
   */
  forward(batch: Batch, context: Context, heads?: readonly string[]): ModelOutput {
    const routes = this.#parts.tree.routes(batch, heads);
    const fused = this.fusion.forward(this.encoders, batch, context);
    const outputs: Record<string, HeadOutput> = {};
    for (const { name, rows } of routes) {
      const targets = rows.map((row) => batch.targets[row]);
      const input = this.#parts.tree.input(name, rows, fused, context);
      const output = this.heads[name].forward(input, context, targets.some(Boolean) ? targets : undefined);
      outputs[name] = { rows, output };
    }
    return { fused, heads: outputs };
  }

  /** The loss of each head that has something to learn from the batch, scalars by name. */
  losses(batch: Batch, context: Context): Record<string, tf.Scalar> {
    const { heads } = this.forward(batch, context);
    const losses: Record<string, tf.Scalar> = {};
    for (const [name, { rows, output }] of Object.entries(heads)) {
      const targets = rows.map((row) => batch.targets[row]);
      const loss = this.heads[name].loss(output, targets, context);
      if (loss) losses[name] = loss;
    }
    return losses;
  }

  /**
   * Answers for raw samples, in their order: any subset of modalities, mixed freely. Samples of one shape are computed together;
   * those that follow are prepared meanwhile.
   *
   * ```ts
   * const answers = await model.predict([{ photo: 'ripe.jpg' }, { note: 'still green' }]);
   * ```
   *
   * @param samples an array, or any other iterable, also an asynchronous one
   * @returns with `onError: 'skip'`, the error in the place of an answer that could not be made
   * @throws ConfigError for an option that is unknown or of the wrong kind
   * @throws UnknownNameError for a head that the model does not have
   * @throws SampleError for a sample that cannot be read or has no modality
   * @throws MissingModalityError for a head asked for by name that a sample's modalities do not allow
   * @throws NonFiniteError where the model's numbers are not finite
   */
  async predict<const Name extends HeadName<Answers> = never, const OnError extends 'throw' | 'skip' = 'throw'>(
    samples: Samples,
    options: PredictOptions<Name, OnError> = {},
  ): Promise<AnswerOrError<Answers, Name, OnError>[]> {
    return collect(this.predictStream(samples, options));
  }

  /**
   * As {@link predict}, one after the other: for samples without end, or more than fit into memory.
   *
   * ```ts
   * for await (const { sample, answer } of model.predictStream(readRows('huge.csv'))) console.log(sample.meta, answer);
   * ```
   */
  predictStream<const Name extends HeadName<Answers> = never, const OnError extends 'throw' | 'skip' = 'throw'>(
    samples: Samples,
    options: PredictOptions<Name, OnError> = {},
  ): AsyncGenerator<Answered<AnswerOrError<Answers, Name, OnError>>> {
    const inference = { training: false };
    return this.#answer(samples, (sample, where) => this.prepare(sample, inference, where), options);
  }

  /** As {@link predict}, for samples that are prepared already. */
  async predictPrepared<const Name extends HeadName<Answers> = never, const OnError extends 'throw' | 'skip' = 'throw'>(
    samples: readonly PreparedSample[],
    options: PredictOptions<Name, OnError> = {},
  ): Promise<AnswerOrError<Answers, Name, OnError>[]> {
    return collect(this.#answer(samples, async (sample) => sample, options));
  }

  /**
   * Does beforehand what the first calls of {@link predict} would: compiles for the combinations of modalities of these samples,
   * whatever their lengths. Of each combination to come, give one sample.
   */
  async warmUp(samples: Samples, options: PredictOptions<HeadName<Answers>> = {}): Promise<void> {
    for await (const _ of this.predictStream(samples, { ...options, onError: 'throw' })); // its answers are not wanted
  }

  /** Frees every tensor of the model, and what was compiled. It cannot be used afterwards. */
  override dispose(): void {
    this.#programs.dispose();
    super.dispose();
  }

  #answer<Input, Name extends string, OnError extends 'throw' | 'skip'>(
    samples: Iterable<Input> | AsyncIterable<Input>,
    prepare: (sample: Input, where: string) => Promise<PreparedSample>,
    given: PredictOptions<Name, OnError>,
  ): AsyncGenerator<Answered<AnswerOrError<Answers, Name, OnError>, Input>> {
    const { heads, compile, ...options } = parsePredictOptions(given);
    checkSamples(samples);
    if (heads) this.#parts.tree.checkNames(heads);
    const programs = compile ? this.#programs : undefined;
    return answerStream(
      samples,
      {
        processors: this.processors,
        prepare: async (raw, index) => {
          const where = `sample ${index}`;
          const sample = await prepare(raw, where);
          return { sample, heads: this.#parts.tree.namesFor(Object.keys(sample.features), heads, where) };
        },
        answer: (batch, names) => answerBatch(this.#parts, batch, { heads: names, programs, signal: options.signal }),
      },
      options,
    ) as AsyncGenerator<Answered<AnswerOrError<Answers, Name, OnError>, Input>>; // heads are called at run time by their names
  }

  #checkTargets(targets: Targets, where: string): void {
    if (this.#targetNames) checkTargetNames(targets, this.#targetNames, where);
    for (const head of Object.values(this.heads)) {
      try {
        head.checkTargets?.(targets);
      } catch (error) {
        throw SampleError.isInstance(error) ? error.at([where, error.where].filter(Boolean).join(', ')) : error;
      }
    }
  }
}

function targetNames(heads: readonly Head[]): readonly string[] | undefined {
  const names = heads.map((head) => head.targetNames);
  return names.every((own) => own !== undefined) ? names.flat() : undefined;
}

async function collect<Answer, Input>(stream: AsyncIterable<Answered<Answer, Input>>): Promise<Answer[]> {
  const answers: Answer[] = [];
  for await (const { answer } of stream) answers.push(answer);
  return answers;
}

function checkSamples(samples: unknown): void {
  const given = (typeof samples === 'object' && samples !== null ? samples : {}) as Partial<Iterable<unknown>> &
    Partial<AsyncIterable<unknown>>;
  if (typeof given[Symbol.iterator] === 'function' || typeof given[Symbol.asyncIterator] === 'function') return;
  throw new SampleError({
    where: 'predict',
    expected: 'an array, or another iterable, of samples',
    received: describeValue(samples),
    hint: 'For one sample: predict([sample]).',
  });
}
