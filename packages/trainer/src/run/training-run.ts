import { setImmediate as nextTurn } from 'node:timers/promises';
import { type HostBatch, type Model, type PreparedSample, type RandomKey, sampleShape } from '@polymodal/core';
import type { CombinationSampler, PlannedBatch } from '../data/combination-sampler';
import type { FeatureStore } from '../data/feature-store';
import { restrictSample } from '../data/restrict-sample';
import { nothingToLearn } from '../errors/nothing-to-learn';
import { evaluatePrepared } from '../evaluation/evaluate';
import type { AdamW } from '../optimizers/adamw';
import type { ProgressBar } from '../progress';
import { learningRateAt, type Schedule } from '../schedules';
import type { StepFigures } from '../step-figures';
import type { ParsedTrainOptions } from '../train-options';
import type { TrainStep } from '../train-step';
import { addStep, type EpochRecord, meanLosses, noTotals } from './epoch-record';
import type { MetricsLog } from './metrics-log';
import { openMetrics } from './open-metrics';
import { type Position, start } from './position';
import type { RunFolder } from './run-folder';

/** What a run works with. */
export interface TrainingParts {
  readonly model: Model;
  readonly optimizer: AdamW;
  readonly step: TrainStep;
  readonly schedule: Schedule;
  readonly store: FeatureStore;
  readonly sampler: CombinationSampler;
  readonly evaluation: readonly PreparedSample[] | undefined;
  readonly folder: RunFolder | undefined;
  readonly key: RandomKey;
  readonly progress: ProgressBar;
  readonly options: ParsedTrainOptions;
}

/** Training as a walk from position to position, each of which can be saved and gone on from. */
export class TrainingRun {
  #position: Position = start;
  #log: MetricsLog | undefined;
  #resumedAt = 0;
  #savedAt: number | undefined;

  readonly #parts: TrainingParts;

  constructor(parts: TrainingParts) {
    this.#parts = parts;
  }

  get position(): Position {
    return this.#position;
  }

  /** Whether the model has learned from any step, of this call or of those that it goes on from. */
  get hasLearned(): boolean {
    const { history, totals } = this.#position;
    return history.length > 0 || totals.steps > 0;
  }

  /** Walks to the end, from the last checkpoint if there is one. Interrupted, it saves one and throws the signal's reason. */
  async run(): Promise<void> {
    const { folder, model, optimizer, progress, options, schedule } = this.#parts;
    const warn = (message: string) => progress.say(message);
    const saved = await folder?.checkpoints.restore(model, optimizer, warn);
    if (folder?.isFinished && !saved) throw folder.withoutCheckpoint();
    if (!saved) folder?.requireUntrained();
    if (saved) {
      this.#position = saved;
      this.#savedAt = saved.step;
      const finished = saved.epoch === options.settings.epochs;
      progress.say(
        finished ? 'This run is finished already.' : `Resuming at step ${saved.step} of ${schedule.totalSteps}.`,
      );
    }
    this.#log = folder && (await openMetrics(folder.held, this.#position, warn));
    this.#resumedAt = performance.now() - this.#position.seconds * 1000;
    progress.start('Training', schedule.totalSteps, this.#position.step);
    try {
      while (this.#position.epoch < options.settings.epochs) await this.#epoch();
    } catch (error) {
      if (options.signal?.aborted && error === options.signal.reason) await this.#save();
      throw error;
    } finally {
      progress.stop();
      this.#log?.close();
    }
  }

  /** The rest of the epoch that the position is in. */
  async #epoch(): Promise<void> {
    const { signal } = this.#parts.options;
    const plan = this.#parts.sampler.epoch(this.#position.epoch);
    const { accumulate } = this.#parts.options.settings;
    const assemble = (index: number) => Promise.all(plan.slice(index, index + accumulate).map(this.#assemble));
    let next = assemble(this.#position.batch);
    while (this.#position.batch < plan.length) {
      signal?.throwIfAborted();
      const batches = await next;
      next = assemble(this.#position.batch + accumulate); // prepared while this step is computed
      next.catch(() => {}); // reported when it is awaited
      await this.#step(batches);
      await nextTurn(); // lets signals, timers and the terminal have their turn
    }
    await this.#finishEpoch();
  }

  readonly #assemble = async ({ indices, modalities }: PlannedBatch): Promise<HostBatch> => {
    const { store, model, sampler } = this.#parts;
    const whole = await store.get(indices, this.#position.epoch);
    const samples = whole.map((sample) => restrictSample(sample, modalities));
    const lengths = sampler.lengths(samples.map((sample) => sampleShape(model, sample)));
    return model.collate(samples.map((sample) => ({ ...sample, lengths })));
  };

  /** @param batches those that count as one */
  async #step(batches: readonly HostBatch[]): Promise<void> {
    const { step, key, options, schedule, progress } = this.#parts;
    const { settings, signal, checkpointEvery } = options;
    const at = this.#position.step;
    const learningRate = (full: number) => learningRateAt(at, full, schedule);
    const update = { learningRate, clipGradientNorm: settings.clipGradientNorm || undefined };
    const where = `step ${at + 1} (epoch ${this.#position.epoch + 1})`;
    const place = { where, wayBack: this.#wayBack() };
    const figures = await step.run(batches, key.fold('step').fold(at), update, place, signal);
    if (figures) {
      this.#log?.append({
        type: 'step',
        step: at + 1,
        epoch: this.#position.epoch + 1,
        ...figures,
        learningRate: learningRate(settings.learningRate),
      });
    }
    this.#advance({
      step: at + 1,
      batch: this.#position.batch + batches.length,
      ...(figures && { totals: addStep(this.#position.totals, figures) }),
    });
    progress.update(at + 1, this.#note(figures));
    if ('steps' in checkpointEvery && (at + 1) % checkpointEvery.steps === 0) await this.#save();
  }

  async #finishEpoch(): Promise<void> {
    const { model, evaluation, options, progress } = this.#parts;
    const { epoch, step, totals, history } = this.#position;
    if (totals.steps === 0) throw nothingToLearn(model);
    const figures = evaluation && (await evaluatePrepared(model, evaluation, { signal: options.signal }));
    const record: EpochRecord = {
      epoch: epoch + 1,
      step,
      ...meanLosses(totals),
      seconds: this.#seconds(),
      ...(figures && { evaluation: figures }),
    };
    this.#log?.append({ type: 'epoch', ...record });
    this.#advance({ epoch: epoch + 1, batch: 0, totals: noTotals, history: [...history, record] });
    progress.say(describeEpoch(record, options.settings.epochs));
    await options.onEpoch?.(record);
    const { checkpointEvery } = options;
    const last = epoch + 1 === options.settings.epochs;
    if (last || ('epochs' in checkpointEvery && (epoch + 1) % checkpointEvery.epochs === 0)) await this.#save();
  }

  #advance(change: Partial<Position>): void {
    this.#position = { ...this.#position, ...change, seconds: this.#seconds() };
  }

  async #save(): Promise<void> {
    const { folder, model, optimizer } = this.#parts;
    if (!folder || !this.#log) return;
    this.#log.sync();
    await folder.checkpoints.save(model, optimizer, { ...this.#position, metrics: this.#log.mark });
    this.#savedAt = this.#position.step;
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

  #note(figures: StepFigures | undefined): string {
    const { settings } = this.#parts.options;
    const { epoch, step } = this.#position;
    const loss = figures ? `loss ${figures.loss.toPrecision(3)}  ` : '';
    const rate = Math.round((step * settings.batchSize * settings.accumulate) / Math.max(this.#seconds(), 1e-3));
    return `epoch ${epoch + 1}/${settings.epochs}  ${loss}${rate} samples/s`;
  }
}

function describeEpoch({ epoch, loss, evaluation = {} }: EpochRecord, epochs: number): string {
  const figures = Object.entries(evaluation).flatMap(([head, { metrics }]) =>
    Object.entries(metrics).map(([metric, value]) => `${head} ${metric} ${Number(value.toPrecision(3))}`),
  );
  return [`epoch ${epoch}/${epochs}`, `loss ${loss.toPrecision(4)}`, ...figures.slice(0, 4)].join('  ');
}
