import { setImmediate as nextTurn } from 'node:timers/promises';
import { isWithin, type Model, type RandomKey, StepCounter } from '@polymodal/core';
import type { JudgedSamples } from '../data/judged-samples';
import type { SourceBatch } from '../data/stage-batches';
import { addTokens, noTokens } from '../data/token-count';
import { nothingToLearn } from '../errors/nothing-to-learn';
import { evaluateJudged } from '../evaluation/evaluate';
import type { ModelFigures } from '../evaluation/evaluate-heads';
import { learningHeads } from '../loss-gradients';
import { AdamW } from '../optimizers/adamw';
import { StartingPoint } from '../optimizers/starting-point';
import { WeightAverage } from '../optimizers/weight-average';
import type { ProgressBar } from '../progress';
import { learningRateAt } from '../schedules';
import type { StepFigures } from '../step-figures';
import { FrozenTowers } from '../towers/frozen-towers';
import type { ParsedTrainOptions } from '../train-options';
import { type Learner, TrainStep } from '../train-step';
import { balanceAfter, balancedWeightsOf, isSameBalance, weighed } from '../weighing/balance-losses';
import { changesWeights, largestWeights, lossWeightsAt } from '../weighing/loss-weight';
import { type AssembledBatch, batchAssembler } from './batch-assembler';
import type { BestEpoch } from './best-epoch';
import { BestModels } from './best-models';
import { BestSearch } from './best-search';
import { addStep, describeEpoch, type EpochRecord, epochFigures, noTotals } from './epoch-record';
import { type KeptStarts, keptStarts } from './kept-starts';
import { type Position, startOf } from './position';
import type { RunFolder } from './run-folder';
import { RunLogs } from './run-logs';
import type { Stage } from './stage';
import { addTime, dataWait, describeWait, noTime } from './step-time';
import { StepsAhead } from './steps-ahead';
import { warnOfStandstill } from './warn-of-standstill';

/** What a run works with. */
export interface TrainingParts {
  readonly model: Model;
  readonly stages: readonly Stage[];
  readonly evaluation: JudgedSamples | undefined;
  /** What the model is tested on when all is over. */
  readonly test?: JudgedSamples | undefined;
  readonly folder: RunFolder | undefined;
  readonly key: RandomKey;
  readonly progress: ProgressBar;
  readonly options: ParsedTrainOptions;
}

/** The stage that a run is in, with what it learns by. */
interface CurrentStage extends Stage, Learner {
  readonly step: TrainStep;
  /** Those of what learns. */
  readonly counters: readonly StepCounter[];
  readonly starts: KeptStarts | undefined;
}

/** Training as a walk from position to position, each of which can be saved and gone on from. */
export class TrainingRun {
  #position: Position;
  /** The steps that come next in the stage. */
  #ahead: StepsAhead<AssembledBatch> | undefined;
  #stage: CurrentStage;
  /** Of each stage: the values that the run begins with, before a checkpoint is read. */
  readonly #startingPoints: readonly (StartingPoint | undefined)[];
  /** What is encoded beside the steps of the stage. */
  #towers: FrozenTowers | undefined;
  #logs: RunLogs | undefined;
  #resumedAt = 0;
  #savedAt: number | undefined;
  /** Since when samples per second are counted: at most since the stage began. */
  #pace = { samples: 0, seconds: 0 };
  /** Whether what trains in the stage has had a gradient, as far as this call has seen. */
  #hasGradient = false;

  readonly #parts: TrainingParts;
  readonly #search: BestSearch | undefined;

  constructor(parts: TrainingParts) {
    this.#parts = parts;
    this.#search = searchOf(parts);
    this.#position = startOf(parts.options.sources.keys());
    this.#startingPoints = parts.stages.map(startingPointOf);
    this.#stage = this.#begin(0);
  }

  get position(): Position {
    return this.#position;
  }

  /** Whether the model has learned from any step, of this call or of those that it goes on from. */
  get hasLearned(): boolean {
    const { history, totals } = this.#position;
    return history.length > 0 || totals.steps > 0;
  }

  /** The best epochs of the last stage so far, where they are asked for; the very best first. */
  get best(): readonly BestEpoch[] {
    return this.#search?.bestAt(this.#position) ?? [];
  }

  /** Whether it ends with the mean of the best epochs. */
  get endsWithMean(): boolean {
    return this.#parts.options.settings.best?.average === true;
  }

  /** Walks to the end, from the last checkpoint if there is one. Interrupted, it saves one and throws the signal's reason. */
  async run(): Promise<void> {
    const { folder, progress, options } = this.#parts;
    const warn = (message: string) => progress.say(message);
    await this.#resume(warn);
    this.#logs = folder && (await RunLogs.open(folder.held, this.#position, options.tensorboard, warn));
    this.#resumedAt = performance.now() - this.#position.seconds * 1000;
    progress.start('Training', this.#lastStep, this.#position.step);
    try {
      if (this.#position.step === 0) this.#announce();
      await this.#search?.requireFigure(this.#position, () => this.#evaluate());
      while (!this.#isFinished) {
        options.signal?.throwIfAborted(); // before it enters a stage: its checkpoint is of the one before
        if (this.#isOver && !this.#isWithinEpoch) this.#enter();
        await this.#epoch();
      }
      this.#stage.average?.apply();
      if (this.#search) progress.say(await this.#search.takeAt(this.#position));
    } catch (error) {
      if (options.signal?.aborted && error === options.signal.reason) await this.#save();
      throw error;
    } finally {
      progress.stop();
      this.#logs?.close();
    }
  }

  /** Frees moments, averages and programs. */
  dispose(): void {
    this.#towers?.dispose();
    this.#stage.optimizer.dispose();
    this.#stage.average?.dispose();
  }

  /** Frees all that the run keeps. */
  end(): void {
    this.dispose();
    for (const own of this.#startingPoints) own?.dispose();
  }

  async #resume(warn: (message: string) => void): Promise<void> {
    const { folder, model, progress } = this.#parts;
    const learnerOf = ({ stage }: Position) => {
      this.dispose();
      this.#stage = this.#begin(stage);
      return this.#stage;
    };
    const saved = await folder?.checkpoints.restore(model, learnerOf, warn);
    if (folder?.isFinished && !saved) throw folder.withoutCheckpoint();
    if (!saved) return folder?.requireUntrained();
    await this.#search?.requireKept(saved);
    this.#position = saved;
    this.#savedAt = saved.step;
    this.#pace = { samples: 0, seconds: saved.seconds };
    this.#hasGradient = true; // or the call that began the stage has told
    progress.say(
      this.#isFinished ? 'This run is finished already.' : `Resuming at step ${saved.step} of ${this.#lastStep}.`,
    );
  }

  #begin(index: number): CurrentStage {
    this.#ahead = undefined;
    this.#towers?.dispose();
    this.#towers = undefined;
    const { model, stages, options } = this.#parts;
    const { replay, rematerialize } = options;
    const stage = stages[index];
    const { betas, ema, train, freeze } = stage.settings;
    const optimizer = new AdamW(stage.parameters, { betas, epsilon: 1e-8 });
    const learner = { optimizer, average: ema ? new WeightAverage(stage.parameters, ema) : undefined };
    const counters = [...model.parameters()].flatMap(([path, own]) => {
      const isUnder = (pattern: string) => isWithin(path, pattern);
      return own instanceof StepCounter && train.some(isUnder) && !freeze.some(isUnder) ? [own] : [];
    });
    const startingPoint = this.#startingPoints[index];
    const layersApart = stage.programs === 'layers';
    const computing = { replay, rematerialize, layersApart, normsOver: stage.shared, startingPoint };
    const step = new TrainStep(model, stage.parameters, learner, computing);
    const starts = keptStarts(model, stage.parameters, options.frozenCacheBytes);
    return { ...stage, ...learner, step, counters, starts };
  }

  /** Goes on to the next stage. What it begins with follows from the one before, so that a checkpoint need not know of both. */
  #enter(): void {
    const former = this.#stage;
    this.#advance({ stage: this.#position.stage + 1 });
    this.#stage = this.#begin(this.#position.stage);
    const { keepMoments, lossBalance } = this.#stage.settings;
    if (keepMoments) this.#stage.optimizer.continueFrom(former.optimizer);
    if (!keepMoments || !isSameBalance(lossBalance, former.settings.lossBalance)) this.#advance({ balance: {} });
    former.average?.apply();
    former.optimizer.dispose();
    former.average?.dispose();
    this.#announce();
  }

  #announce(): void {
    const { progress, model } = this.#parts;
    const { settings, parameters, end } = this.#stage;
    this.#pace = { samples: 0, seconds: this.#seconds() };
    this.#hasGradient = false;
    if (settings.name === undefined) return;
    const share = `${parameters.length} of ${model.parameters().size} parameters learn`;
    progress.say(`Stage ${settings.name}, up to step ${end}: ${share}.`);
  }

  get #lastStep(): number {
    return this.#parts.stages.at(-1)!.end;
  }

  /** Whether all steps have been taken, or those of the last stage are no better any more. */
  get #isFinished(): boolean {
    if (this.#isWithinEpoch) return false;
    return this.#position.step === this.#lastStep || this.#search?.isSettledAt(this.#position) === true;
  }

  /** Whether the stage has taken all of its steps. */
  get #isOver(): boolean {
    return this.#position.step === this.#stage.end;
  }

  /** Whether an epoch has begun and is not over, if only its figures are missing. */
  get #isWithinEpoch(): boolean {
    return this.#stage.settings.sources.some((name) => this.#position.sources[name].batch > 0);
  }

  /** The rest of the epoch that the position is in, or of the stage within it. */
  async #epoch(): Promise<void> {
    const { signal } = this.#parts.options;
    const { batches } = this.#stage;
    this.#towers ??= await this.#encodeBeforehand();
    this.#ahead ??= this.#assembleAhead();
    for (let since = performance.now(); !this.#isOver && !batches.isThrough(this.#position.sources); ) {
      signal?.throwIfAborted();
      const { batches: own, assembled } = await this.#ahead.next();
      await nextTurn(); // lets signals, timers and the terminal have their turn, and what is asked of threads go to them
      await this.#step(own, assembled, (performance.now() - since) / 1000);
      since = performance.now();
    }
    await this.#finishEpoch();
  }

  /** What does not learn in the stage runs beside its steps, where it is asked for. */
  async #encodeBeforehand(): Promise<FrozenTowers | undefined> {
    const { model, progress, options } = this.#parts;
    const { settings, parameters, tokens, batches } = this.#stage;
    if (settings.frozenTowers === false) return undefined;
    const towers = await FrozenTowers.open({ model, parameters, precision: settings.frozenTowers, tokens, options });
    await towers.prepare(
      batches.sources.map(({ store }) => store),
      progress,
    );
    progress.start('Training', this.#lastStep, this.#position.step);
    return towers;
  }

  /** What other threads prepare comes in while this one computes; what this one prepares does so when it waits. */
  #assembleAhead(): StepsAhead<AssembledBatch> {
    const { model, key, options } = this.#parts;
    const { settings, batches, end } = this.#stage;
    const { step, sources } = this.#position;
    return new StepsAhead(batches, {
      from: sources,
      steps: end - step,
      accumulate: settings.accumulate,
      depth: options.workers > 0 ? 2 : 1,
      assemble: batchAssembler(
        { model, key, augment: options.augment, starts: this.#stage.starts, towers: this.#towers },
        this.#stage,
      ),
    });
  }

  /**
   * @param assembled the batches, which count as one
   * @param waited    seconds since the step before
   */
  async #step(batches: readonly SourceBatch[], assembled: readonly AssembledBatch[], waited: number): Promise<void> {
    const { key, options } = this.#parts;
    const { step, settings, schedule, begin } = this.#stage;
    const { signal, checkpointEvery } = options;
    const at = this.#position.step;
    const tokens = assembled.map((own) => own.tokens).reduce(addTokens, noTokens);
    const learningRate = (full: number) => learningRateAt(at - begin, full, schedule);
    const update = { learningRate, clipGradientNorm: settings.clipGradientNorm || undefined };
    const stage = settings.name === undefined ? '' : `, stage ${settings.name}`;
    const place = { where: `step ${at + 1} (epoch ${this.#position.epoch + 1}${stage})`, wayBack: this.#wayBack() };
    const hosts = assembled.map(({ host }) => host);
    const lossWeights = this.#lossWeights();
    const began = performance.now();
    const figures = await step.run(hosts, { key: key.fold('step').fold(at), lossWeights, update, place, signal });
    const time = { waited, computed: (performance.now() - began) / 1000 };
    if (figures) {
      for (const counter of this.#stage.counters) counter.advance();
      this.#hasGradient ||= figures.gradientNorm > 0;
      this.#logs?.step({
        ...this.#stageName,
        step: at + 1,
        totalSteps: this.#lastStep,
        epoch: this.#position.epoch + 1,
        ...figures,
        learningRate: learningRate(settings.learningRate),
        ...(this.#weighsAnew && { lossWeights }),
        pace: {
          samplesPerSecond: hosts.reduce((sum, { size }) => sum + size, 0) / (waited + time.computed),
          dataWait: dataWait(time),
          seconds: this.#seconds(),
          memory: process.memoryUsage.rss(),
        },
      });
    }
    this.#advance({
      step: at + 1,
      time: addTime(this.#position.time, time),
      sources: this.#stage.batches.after(this.#position.sources, batches),
      ...(figures && { totals: addStep(this.#position.totals, figures, tokens) }),
      ...(figures && this.#balanceAfter(figures, learningRate)),
    });
    this.#pace.samples += batches.reduce((sum, { indices }) => sum + indices.length, 0);
    this.#show(figures);
    if ('steps' in checkpointEvery && (at + 1) % checkpointEvery.steps === 0) await this.#save();
  }

  /** What the loss of each head counts for in the next step. */
  #lossWeights(): Record<string, number> {
    const { settings, schedule, begin } = this.#stage;
    const { lossWeights, lossBalance } = settings;
    const { step, balance } = this.#position;
    const fixed = lossWeightsAt(lossWeights, step - begin, schedule.totalSteps);
    const heads = Object.keys(this.#parts.model.heads);
    return weighed(heads, fixed, lossBalance ? balancedWeightsOf(lossBalance, balance) : {});
  }

  #balanceAfter(figures: StepFigures, learningRate: (full: number) => number): Partial<Position> {
    const { lossBalance, learningRate: fullRate } = this.#stage.settings;
    if (!lossBalance) return {};
    const { losses, headGradientNorms: gradientNorms } = figures;
    const step = { losses, gradientNorms, learningRate, fullRate };
    return { balance: balanceAfter(lossBalance, this.#position.balance, step) };
  }

  /** Whether weights of losses change from step to step. */
  get #weighsAnew(): boolean {
    const { lossBalance, lossWeights } = this.#stage.settings;
    return lossBalance !== false || changesWeights(lossWeights);
  }

  async #finishEpoch(): Promise<void> {
    const { model, evaluation, options, progress, stages } = this.#parts;
    const { settings, batches } = this.#stage;
    const { epoch, step, sources, totals, time, history } = this.#position;
    if (totals.steps === 0) throw nothingToLearn(learningHeads(model, largestWeights(settings.lossWeights)), settings);
    if (!this.#hasGradient) warnOfStandstill(settings);
    this.#hasGradient = true; // told once
    const { average } = this.#stage;
    const judge = async () => {
      const figures = evaluation && (await this.#evaluate());
      const record: EpochRecord = {
        ...this.#stageName,
        epoch: epoch + 1,
        step,
        ...epochFigures(totals),
        ...(this.#weighsAnew && { lossWeights: this.#lossWeights() }),
        dataWait: dataWait(time),
        seconds: this.#seconds(),
        ...(figures && { evaluation: figures }),
      };
      this.#logs?.epoch(record);
      this.#advance({
        epoch: epoch + 1,
        sources: batches.afterEpoch(sources),
        totals: noTotals,
        time: noTime,
        history: [...history, record],
      });
      progress.say(describeEpoch(record, stages.at(-1)!.endEpoch));
      if (this.#search) this.#advance({ kept: await this.#search.keepAt(this.#position) }); // before a checkpoint that counts on it
      await options.onEpoch?.(record);
    };
    await (average ? average.lend(judge) : judge());
    const { checkpointEvery } = options;
    const isDue = 'epochs' in checkpointEvery && (epoch + 1) % checkpointEvery.epochs === 0;
    if (this.#isOver || isDue) await this.#save();
  }

  #evaluate(): Promise<ModelFigures> {
    const { model, evaluation, options } = this.#parts;
    if (!evaluation) return Promise.resolve({});
    return evaluateJudged(model, evaluation, { signal: options.signal, resamples: 0 });
  }

  get #stageName(): { readonly stage?: string } {
    const { name } = this.#stage.settings;
    return name === undefined ? {} : { stage: name };
  }

  #advance(change: Partial<Position>): void {
    this.#position = { ...this.#position, ...change, seconds: this.#seconds() };
  }

  async #save(): Promise<void> {
    const { folder, model } = this.#parts;
    if (!folder || !this.#logs) return this.#prune();
    this.#logs.sync();
    await folder.checkpoints.save(model, this.#stage, { ...this.#position, ...this.#logs.marks });
    this.#savedAt = this.#position.step;
    await this.#prune();
  }

  /** Not before the checkpoint that can do without them. */
  async #prune(): Promise<void> {
    if (this.#search) this.#advance({ kept: await this.#search.pruneAt(this.#position) });
  }

  /** What there is to go back to, should the next step spoil the parameters. */
  #wayBack(): string {
    if (!this.#parts.folder) return 'no checkpoint is from before: train was given no directory';
    if (this.#savedAt === undefined) return 'no checkpoint is from before: none was due yet';
    return `the last checkpoint, after step ${this.#savedAt}, is from before`;
  }

  #seconds(): number {
    return (performance.now() - this.#resumedAt) / 1000;
  }

  #show(figures: StepFigures | undefined): void {
    const { progress, stages } = this.#parts;
    const { epoch, step } = this.#position;
    const { name } = this.#stage.settings;
    const samplesPerSecond = Math.round(this.#pace.samples / Math.max(this.#seconds() - this.#pace.seconds, 1e-3));
    const wait = dataWait(this.#position.time);
    const note = [
      ...(name === undefined ? [] : [name]),
      `epoch ${epoch + 1}/${stages.at(-1)!.endEpoch}`,
      ...(figures ? [`loss ${figures.loss.toPrecision(3)}`] : []),
      `${samplesPerSecond} samples/s`,
      describeWait(wait, 'of the epoch'),
    ];
    progress.update(step, note.join('  '), {
      ...this.#stageName,
      epoch: epoch + 1,
      ...(figures && { loss: figures.loss, losses: figures.losses }),
      samplesPerSecond,
      dataWait: wait,
    });
  }
}

function searchOf({ model, stages, folder, options }: TrainingParts): BestSearch | undefined {
  const { best } = options.settings;
  if (!best) return undefined;
  const models = new BestModels(model, folder?.path('best'));
  return new BestSearch({
    options: best,
    models,
    stage: stages.length - 1,
    stageName: stages.at(-1)!.settings.name,
  });
}

function startingPointOf({ settings: { l2sp }, parameters }: Stage): StartingPoint | undefined {
  return l2sp > 0 ? new StartingPoint(parameters, l2sp) : undefined;
}
