import type { Batch, HostBatch } from './batch';
import { requireBatch, requireHostBatch } from './check-batch';
import { checkLengths } from './check-lengths';
import { checkAllPrepared, checkPrepared } from './check-prepared';
import { type Context, requireContext } from './context';
import { drawnTargets } from './drawn-targets';
import { forwardPass, type ModelOutput } from './forward-pass';
import type { Encoders, Fusion } from './fusion';
import type { Head } from './head';
import type { HeadTargets } from './head-target';
import { HeadTree } from './head-tree';
import { holdModel, requireFree } from './hold-model';
import type { HeadRows, LossCounts, Losses } from './loss';
import { mergeAdapters } from './merge-adapters';
import type { UncheckedModelConfig } from './model-config';
import { lossCountsOf, lossesOf, lossesOfRows, rowTensorsOf } from './model-losses';
import type { ModelParts } from './model-parts';
import { Module } from './module';
import { duringPass } from './pass';
import type { Plugin } from './plugin';
import type { Answered, AnswerOrError, Prediction } from './predict/answer';
import { type AnsweringParts, answerSamples, collectAnswers } from './predict/answer-samples';
import { parseHeadOptions } from './predict/head-options';
import { ModelPrograms } from './predict/model-programs';
import { isOnePass, type ModelSignature, modelSignature, parseSignatureOptions } from './predict/model-signature';
import type { HeadRequests, PredictOptions, RequestOf } from './predict/predict-options';
import { parseStreamOptions, type StreamOptions, streamHead } from './predict/stream-head';
import { prepareSample } from './prepare-sample';
import { collateSamples, type PreparedSample, type Processors } from './prepared-sample';
import { presentRows } from './present-rows';
import type { PrepareContext } from './processor';
import type { RandomKey } from './random-key';
import type { Registry } from './registry';
import { isRecord, requireArgument } from './require-argument';
import { type HeadRoute, headRoute } from './routing/head-route';
import { neededBatch } from './routing/needed-slots';
import type { Sample } from './sample';
import { type AdaptersInUse, useAdapters } from './use-adapters';

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
 * @typeParam Requests what may be asked of each head at a prediction, and the pieces that it answers in
 */
export class Model<
  Answers extends Prediction = Prediction,
  Requests extends HeadRequests = HeadRequests,
> extends Module {
  #config: UncheckedModelConfig;
  #plugins: readonly Plugin[];
  readonly encoders: Encoders;
  readonly fusion: Fusion;
  readonly heads: Readonly<Record<string, Head>>;
  readonly processors: Processors;
  /** Whether samples may name files by their paths. */
  readonly readFiles: boolean;
  /** What each head learns from. */
  readonly targets: HeadTargets;
  readonly #slotModalities: Readonly<Record<string, string>>;
  readonly #parts: AnsweringParts;
  readonly #programs: ModelPrograms;

  constructor(parts: ModelParts) {
    super();
    this.#config = parts.config;
    this.#plugins = parts.plugins ?? [];
    this.encoders = parts.encoders;
    this.fusion = parts.fusion;
    this.heads = parts.heads;
    this.processors = parts.processors;
    this.readFiles = parts.readFiles ?? true;
    this.targets = parts.targets;
    this.#slotModalities = parts.slotModalities ?? {};
    const tree = new HeadTree(parts.heads, parts.headInputs, parts.fusion.requires, parts.headRequirements);
    this.#parts = { ...parts, tree };
    this.#programs = new ModelPrograms(this.#parts);
  }

  /** JSON: `composeModel` makes the same model from it. */
  get config(): UncheckedModelConfig {
    return this.#config;
  }

  /** Takes over what changed of its config, whose parts it has already, by `addAdapters` say. */
  adoptConfig(config: UncheckedModelConfig, registry: Registry): void {
    this.#plugins = registry.pluginsOf(config);
    this.#changeConfig(config);
  }

  /** The plugins whose parts it is made of; none of a model that was not made by `composeModel`. */
  get plugins(): readonly Plugin[] {
    return this.#plugins;
  }

  /**
   * Puts what adapters have learned into the parameters that they adapt and takes them out, of the config too: the model computes
   * the same, up to rounding, and is one without adapters.
   *
   * @param options with `keep` the adapters are not freed, so that they can be put on again; until then nothing else may change the model
   * @returns puts the adapters on again and takes them out of the parameters, where they were kept
   * @throws StateError while the model is trained, in a callback say; for adapters that are out of use, with which it would not compute the
   *   same; and for those that are no change of parameters
   */
  mergeAdapters({ keep = false }: { readonly keep?: boolean } = {}): () => void {
    requireFree(this, 'mergeAdapters');
    const takeOut = mergeAdapters(this, keep);
    const adapted = this.#config;
    const { adapters: _, ...config } = adapted;
    this.#changeConfig(config);
    const letGo = keep ? holdModel(this, 'mergeAdapters', unmergeFirst) : undefined; // what learned would be taken out with them
    return () => {
      if (!letGo) requireFree(this, 'mergeAdapters');
      takeOut();
      letGo?.();
      this.#changeConfig(adapted);
    };
  }

  /**
   * Puts adapters into use: all of them (`true`, as at first), none (`false`: the model then computes to the bit what it does without
   * them), or those of some names, as their entries in the config call them. It lasts until the next call, and is not saved.
   *
   * ```ts
   * model.useAdapters('formal'); // of adapters: [{ use: 'lora', name: 'formal', … }, { use: 'lora', name: 'casual', … }]
   * ```
   *
   * @throws UnknownNameError for a name that no adapter has
   * @throws StateError while the model is trained
   */
  useAdapters(which: AdaptersInUse): void {
    requireFree(this, 'useAdapters');
    useAdapters(this, which);
    this.#programs.dispose(); // they compute with those that were in use
  }

  /** The names under which a sample may have a value. */
  get modalities(): string[] {
    return Object.keys(this.processors);
  }

  /** Id of the modality that a slot takes: `image`, say. Undefined for a slot that the model does not have, and where its maker did not tell. */
  modalityOf(slot: string): string | undefined {
    return Object.hasOwn(this.#slotModalities, slot) ? this.#slotModalities[slot] : undefined;
  }

  /** Whether a head runs on samples with these modalities: what it requires is there, and what all that feed it require. @throws UnknownNameError */
  canRun(head: string, modalities: readonly string[]): boolean {
    this.#parts.tree.checkNames([head]);
    requireArgument(Array.isArray(modalities), 'canRun', 'a list of modalities', modalities);
    return this.#parts.tree.canRun(head, modalities);
  }

  /**
   * Whether a head answers samples with these modalities, and which heads and encoders run for that. `routingTable` tells it of all
   * combinations.
   *
   * ```ts
   * model.routeOf('ripe', ['photo']); // { answers: true, heads: ['ripe'], encoders: ['photo'] }
   * ```
   *
   * @throws UnknownNameError for a head, or a modality, that the model does not have
   */
  routeOf(head: HeadName<Answers>, modalities: readonly string[]): HeadRoute {
    return headRoute(this.#parts, head, modalities, this.modalities);
  }

  /** Raw values and targets to features, with all that the sample says checked, and that it is not too long. @throws SampleError */
  async prepare(
    sample: Sample,
    context: PrepareContext = { training: false },
    where = 'sample',
  ): Promise<PreparedSample> {
    requireArgument(
      isRecord(context),
      'prepare, context',
      'whether it is for training: { training: false } say',
      context,
    );
    const own = this.readFiles ? context : { ...context, readFiles: false };
    const prepared = await prepareSample(this, sample, own, where);
    checkLengths(this.#parts, prepared, where);
    return prepared;
  }

  /**
   * Makes sure that a sample that was prepared elsewhere, by the same processors in another thread say, is one of this model's and not too
   * long, as {@link prepare} does.
   *
   * @throws SampleError
   */
  checkPrepared(sample: PreparedSample, where = 'sample'): void {
    checkPrepared(sample, this.processors, where);
    checkLengths(this.#parts, sample, where);
  }

  /** Features of several samples to one batch in host memory. @throws SampleError for what was not prepared */
  collate(samples: readonly PreparedSample[]): HostBatch {
    checkAllPrepared(samples, this.processors, 'collate');
    return collateSamples(this, samples);
  }

  /**
   * Encodes, fuses and runs every head on the rows that it can run on, and what feeds it before it.
   *
   * @param heads those that are wanted, for which what none of them needs is not run; by default each that can run, and all that there is
   * @throws MissingModalityError for a head that is asked for by name and a row that it cannot run on
   * @throws ConfigError for what is no batch on the backend
   */
  forward(batch: Batch, context: Context, heads?: readonly string[]): ModelOutput {
    requireBatch(batch, 'forward');
    requireContext(context, 'forward');
    const routes = this.#parts.tree.routes(presentRows(batch), heads);
    const needed = heads ? neededBatch(this.#parts, heads, batch) : batch;
    return duringPass({ context }, () => forwardPass(this.#parts, needed, context, routes));
  }

  /**
   * The terms of the loss of each head that has something to learn from the batch, scalars on the backend. What that is follows from
   * the targets, so that nothing else is run.
   *
   * @param heads those that are to learn; by default all
   * @param rowGradients by head that compares rows, the gradients of its loss by its {@link rowTensors}, where they are known: one term, `rows`,
   *   then has the gradient of that loss
   */
  losses(batch: Batch, context: Context, heads?: readonly string[], rowGradients?: HeadRows): Losses {
    requireBatch(batch, 'losses');
    requireContext(context, 'losses');
    return duringPass({ context }, () => lossesOf(this.#parts, batch, context, heads, rowGradients));
  }

  /**
   * What the outputs of heads that compare rows consist of: those of several batches are joined for {@link lossesOfRows}.
   *
   * @param heads those that have `rowTensors`
   */
  rowTensors(batch: Batch, context: Context, heads: readonly string[]): HeadRows {
    requireBatch(batch, 'rowTensors');
    requireContext(context, 'rowTensors');
    return duringPass({ context }, () => rowTensorsOf(this.#parts, batch, context, heads));
  }

  /**
   * As {@link losses}, of outputs that are there already, by the rows of which they consist.
   *
   * @param rows  of all rows of the batch that a head can run on
   * @param known which rows have what, and their targets; what the features of modalities are does not matter
   */
  lossesOfRows(rows: HeadRows, known: Batch, context: Context): Losses {
    requireBatch(known, 'lossesOfRows');
    requireContext(context, 'lossesOfRows');
    return duringPass({ context }, () => lossesOfRows(this.#parts, rows, known, context));
  }

  /** The batch of a step of training, with what heads draw anew in each as their targets: which parts of values are hidden, say. */
  drawTargets(batch: HostBatch, key: RandomKey): HostBatch {
    requireHostBatch(batch, 'drawTargets');
    return drawnTargets(this.heads, batch, key);
  }

  /** What the terms of {@link losses} count in a batch, and count for, without a forward pass: to be known before its gradients are. */
  lossCounts(batch: HostBatch, heads?: readonly string[]): LossCounts {
    requireHostBatch(batch, 'lossCounts');
    return lossCountsOf(this.#parts, batch, heads);
  }

  /**
   * Answers for raw samples, in their order: any subset of modalities, mixed freely. Samples of one shape are computed together;
   * those that follow are prepared meanwhile.
   *
   * ```ts
   * const answers = await model.predict([{ photo: 'ripe.jpg' }, { note: 'still green' }]);
   * ```
   *
   * What may be asked of a head, such as how long a text may be that it writes, stands beside its name:
   * `predict(samples, { heads: { caption: { maxNewTokens: 40 } } })`.
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
    options: PredictOptions<Name, OnError, Requests> = {},
  ): Promise<AnswerOrError<Answers, Name, OnError>[]> {
    return collectAnswers(this.#answer('predict', samples, this.#read, options));
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
    options: PredictOptions<Name, OnError, Requests> = {},
  ): AsyncGenerator<Answered<AnswerOrError<Answers, Name, OnError>>> {
    return this.#answer('predictStream', samples, this.#read, options);
  }

  /** As {@link predict}, for samples that are prepared already. */
  async predictPrepared<const Name extends HeadName<Answers> = never, const OnError extends 'throw' | 'skip' = 'throw'>(
    samples: readonly PreparedSample[],
    options: PredictOptions<Name, OnError, Requests> = {},
  ): Promise<AnswerOrError<Answers, Name, OnError>[]> {
    return collectAnswers(this.#answer('predictPrepared', samples, this.#readPrepared, options));
  }

  /**
   * The answer of one head for one sample, piece by piece while it is produced: the words of a text, the seconds of a speech.
   *
   * ```ts
   * for await (const word of model.stream({ photo: 'ripe.jpg' }, 'caption', { maxNewTokens: 40 })) process.stdout.write(word);
   * ```
   *
   * @param options what is asked of the head, as in {@link predict}
   * @returns pieces, and at the end the whole answer as the generator's return value
   * @throws ConfigError for a head that answers at once, and for an option that is unknown or of the wrong kind
   * @throws UnknownNameError, SampleError, MissingModalityError and NonFiniteError as {@link predict}
   */
  stream<const Name extends HeadName<Answers>>(
    sample: Sample,
    head: Name,
    options: RequestOf<Requests, Name>['options'] = {},
    streaming: StreamOptions = {},
  ): AsyncGenerator<RequestOf<Requests, Name>['piece'], NonNullable<Answers[Name]>, void> {
    const { signal } = parseStreamOptions(streaming);
    return streamHead(this.#parts, () => this.prepare(sample), head, options, signal, this.#programs) as ReturnType<
      typeof this.stream<Name>
    >;
  }

  /**
   * The model as a function of named tensors, for samples with the modalities of this one: to export, to compile, to serve.
   *
   * ```ts
   * const sample = { photo: 'ripe.jpg', note: 'soft' };
   * const { run, inputs, dynamicAxes } = await model.signature(sample);
   * const example = inputs([await model.prepare(sample)]);
   * await exportOnnx(run, example, { path: 'model.onnx', dynamicAxes }); // of `@polymodal/backend-onnx`
   * ```
   *
   * Documents have inputs that say what stands where, and with them a signature of their own. Of a head that writes, the outputs are
   * those of its one pass: `language-model` gives the logits of the token after each.
   *
   * Where a function is not the same at all lengths (those near the longest text that a model has positions for), leave an axis out
   * of `dynamicAxes`.
   *
   * @param options the heads that are wanted, and what of each; by default each that can run in one pass
   * @throws ConfigError for a head that has nothing to give from one pass, and for an option that is unknown
   * @throws UnknownNameError, SampleError and MissingModalityError as {@link predict}
   */
  async signature<const Name extends HeadName<Answers> = never>(
    sample: Sample,
    options: Pick<PredictOptions<Name, 'throw', Requests>, 'heads'> = {},
  ): Promise<ModelSignature> {
    const { tree } = this.#parts;
    const { names, optionsOf } = parseHeadOptions(tree, parseSignatureOptions(options).heads, 'signature');
    const example = await this.prepare(sample);
    const able = tree.namesFor(Object.keys(example.features), names, 'sample');
    return modelSignature(this.#parts, example, optionsOf(names ? able : able.filter((name) => isOnePass(tree, name))));
  }

  /**
   * Does beforehand what the first calls of {@link predict} would: compiles for the combinations of modalities of these samples,
   * whatever their lengths. Of each combination to come, give one sample.
   */
  async warmUp(
    samples: Samples,
    options: PredictOptions<HeadName<Answers>, 'throw' | 'skip', Requests> = {},
  ): Promise<void> {
    const answers = this.#answer('warmUp', samples, this.#read, { ...options, onError: 'throw' });
    for await (const _ of answers); // which are not wanted
  }

  /** Frees every tensor of the model, and what was compiled. It cannot be used afterwards. */
  override dispose(): void {
    this.#programs.dispose();
    super.dispose();
  }

  readonly #read = (sample: Sample, where: string) => this.prepare(sample, { training: false }, where);

  readonly #readPrepared = async (sample: PreparedSample, where: string) => {
    this.checkPrepared(sample, where);
    return sample;
  };

  /** Programs compute with what adapters were there. */
  #changeConfig(config: UncheckedModelConfig): void {
    this.#config = config;
    this.#programs.dispose();
  }

  #answer<Input, Name extends string, OnError extends 'throw' | 'skip'>(
    caller: string,
    samples: Iterable<Input> | AsyncIterable<Input>,
    prepare: (sample: Input, where: string) => Promise<PreparedSample>,
    options: PredictOptions<Name, OnError, Requests>,
  ): AsyncGenerator<Answered<AnswerOrError<Answers, Name, OnError>, Input>> {
    const call = { caller, model: this, programs: this.#programs, prepare };
    const answers = answerSamples(this.#parts, call, samples, options);
    return answers as AsyncGenerator<Answered<AnswerOrError<Answers, Name, OnError>, Input>>; // heads are called at run time by their names
  }
}

const unmergeFirst =
  'Put its adapters on again first: call what mergeAdapters({ keep: true }) gave. To go on without them, merge them without keep.';
