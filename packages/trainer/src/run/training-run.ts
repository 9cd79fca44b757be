import { setImmediate as nextTurn } from 'node:timers/promises';
import { mapRecord } from '@polymodal/core';
import type { SourceBatch } from '../data/stage-batches';
import { addTokens, noTokens } from '../data/token-count';
import { nothingToLearn } from '../errors/nothing-to-learn';
import { evaluateJudged } from '../evaluation/evaluate';
import type { ModelFigures } from '../evaluation/evaluate-heads';
import { learningHeads } from '../loss-gradients';
import { gateFigures } from '../modalities/gate-figures';
import { StartingPoint } from '../optimizers/starting-point';
import { learningRateAt } from '../schedules';
import { isSameBalance } from '../weighing/balance-losses';
import { largestWeights } from '../weighing/loss-weight';
import type { AssembledBatch } from './batch-assembler';
import type { BestEpoch } from './best-epoch';
import { type BestSearch, bestSearchOf } from './best-search';
import { beginStage, type CurrentStage, disposeStage } from './current-stage';
import { addStep, describeEpoch, type EpochRecord, epochFigures, noTotals } from './epoch-record';
import type { KeptValues } from './kept-values';
import { type Position, startOf } from './position';
import { RunLogs } from './run-logs';
import { RunProgress } from './run-progress';
import type { Stage } from './stage';
import { StageSteps } from './stage-steps';
import { addTime, dataWait, noTime } from './step-time';
import type { TrainingParts } from './training-parts';
import { warnOfStandstill } from './warn-of-standstill';

/** Training as a walk from position to position, each of which can be saved and gone on from. */
export class TrainingRun {
  #position: Position;
  #stage: CurrentStage;
  /** Those that come next in the stage. */
  #steps: StageSteps | undefined;
  /** Of each stage: the values that the run begins with, before a checkpoint is read. */
  readonly #startingPoints: readonly (StartingPoint | undefined)[];
  #logs: RunLogs | undefined;
  #resumedAt = 0;
  #savedAt: number | undefined;
  /** Of stages that are over. */
  readonly #kept: (readonly KeptValues[])[] = [];
  /** Whether what trains in the stage has had a gradient, as far as this call has seen. */
  #hasGradient = false;

  readonly #parts: TrainingParts;
  readonly #progress: RunProgress;
  readonly #search: BestSearch | undefined;

  constructor(parts: TrainingParts) {
    this.#parts = parts;
    this.#progress = new RunProgress(parts);
    this.#search = bestSearchOf(parts);
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

  /** What each stage has kept of values that come again: what frozen towers gave of them, and what frozen layers began with. */
  get kept(): readonly (readonly KeptValues[])[] {
    return [...this.#kept, this.#keptNow];
  }

  get #keptNow(): KeptValues[] {
    return [...(this.#steps?.kept ?? []), ...(this.#stage.starts ? [this.#stage.starts.kept] : [])];
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
    this.#progress.start(this.#position);
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

  /** Frees all that the run keeps. */
  end(): void {
    this.#steps?.dispose();
    disposeStage(this.#stage);
    for (const own of this.#startingPoints) own?.dispose();
  }

  async #resume(warn: (message: string) => void): Promise<void> {
    const { folder, model, progress } = this.#parts;
    const learnerOf = ({ stage }: Position) => {
      disposeStage(this.#stage);
      this.#stage = this.#begin(stage);
      return this.#stage;
    };
    const saved = await folder?.checkpoints.restore(model, learnerOf, warn);
    if (folder?.isFinished && !saved) throw folder.withoutCheckpoint();
    if (!saved) return folder?.requireUntrained();
    await this.#search?.requireKept(saved);
    this.#position = saved;
    this.#savedAt = saved.step;
    this.#progress.countFrom(saved);
    this.#hasGradient = true; // or the call that began the stage has told
    progress.say(
      this.#isFinished ? 'This run is finished already.' : `Resuming at step ${saved.step} of ${this.#lastStep}.`,
    );
  }

  #begin(index: number): CurrentStage {
    if (this.#steps) this.#kept.push(this.#keptNow);
    this.#steps?.dispose();
    this.#steps = undefined;
    return beginStage(this.#parts, this.#parts.stages[index], this.#startingPoints[index]);
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
    disposeStage(former);
    this.#announce();
  }

  #announce(): void {
    this.#progress.countFrom({ ...this.#position, seconds: this.#seconds() });
    this.#hasGradient = false;
    this.#progress.announce(this.#stage, this.#parts.model.parameters().size);
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
    this.#steps ??= await this.#openSteps();
    for (let since = performance.now(); !this.#isOver && !batches.isThrough(this.#position.sources); ) {
      signal?.throwIfAborted();
      const { batches: own, assembled } = await this.#steps.next();
      await nextTurn(); // lets signals, timers and the terminal have their turn, and what is asked of threads go to them
      await this.#step(own, assembled, (performance.now() - since) / 1000);
      since = performance.now();
    }
    await this.#finishEpoch();
  }

  async #openSteps(): Promise<StageSteps> {
    const showsEncoding = this.#stage.settings.frozenTowers !== false;
    if (showsEncoding) this.#parts.progress.stop();
    const steps = await StageSteps.open(this.#parts, this.#stage, this.#position);
    if (showsEncoding) this.#progress.start(this.#position);
    return steps;
  }

  /**
   * @param assembled the batches, which count as one
   * @param waited    seconds since the step before
   */
  async #step(batches: readonly SourceBatch[], assembled: readonly AssembledBatch[], waited: number): Promise<void> {
    const { key, options } = this.#parts;
    const { step, settings, weights, schedule, begin } = this.#stage;
    const { signal, checkpointEvery } = options;
    const at = this.#position.step;
    const tokens = assembled.map((own) => own.tokens).reduce(addTokens, noTokens);
    const learningRate = (full: number) => learningRateAt(at - begin, full, schedule);
    const update = { learningRate, clipGradientNorm: settings.clipGradientNorm || undefined };
    const stage = settings.name === undefined ? '' : `, stage ${settings.name}`;
    const place = { where: `step ${at + 1} (epoch ${this.#position.epoch + 1}${stage})`, wayBack: this.#wayBack() };
    const hosts = assembled.map(({ host }) => host);
    const lossWeights = weights.at(this.#position);
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
        ...(weights.areChanging && { lossWeights }),
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
      ...(figures && { balance: weights.balanceAfter(this.#position.balance, figures, learningRate) }),
    });
    const samples = batches.reduce((sum, { indices }) => sum + indices.length, 0);
    this.#progress.step(this.#position, samples, figures);
    if ('steps' in checkpointEvery && (at + 1) % checkpointEvery.steps === 0) await this.#save();
  }

  async #finishEpoch(): Promise<void> {
    const { model, evaluation, options, progress, stages } = this.#parts;
    const { settings, batches, weights } = this.#stage;
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
        ...(await this.#watchModalities()),
        ...(weights.areChanging && { lossWeights: weights.at(this.#position) }),
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

  /** What steps told of modalities, with what gates say at the end of the epoch. */
  async #watchModalities(): Promise<Pick<EpochRecord, 'modalities'>> {
    const { model, evaluation } = this.#parts;
    const { modalities } = epochFigures(this.#position.totals);
    if (!modalities || !evaluation) return {};
    const gates = await gateFigures(model, evaluation, this.#stage.settings.activate || undefined);
    return { modalities: mapRecord(modalities, (own, slot) => ({ ...own, ...gates[slot] })) };
  }

  #evaluate(): Promise<ModelFigures> {
    const { model, evaluation, options } = this.#parts;
    if (!evaluation) return Promise.resolve({});
    const { activate } = this.#stage.settings;
    return evaluateJudged(model, evaluation, { signal: options.signal, resamples: 0 }, activate || undefined);
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
}

function startingPointOf({ settings: { l2sp }, parameters }: Stage): StartingPoint | undefined {
  return l2sp > 0 ? new StartingPoint(parameters, l2sp) : undefined;
}
