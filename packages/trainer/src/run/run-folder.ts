import { readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import {
  asStorageError,
  ConfigError,
  FileFormatError,
  isPath,
  type Model,
  requireArgument,
  StorageError,
} from '@polymodal/core';
import { readRegularFileSync } from '@polymodal/core/files';
import { fileChecksum, type HeldFolder, holdFolder, requireModelPlace, workshopName } from '@polymodal/core/node';
import type { Fingerprint } from '../data/data-fingerprint';
import type { DataFingerprints } from '../data/prepare-data';
import { eventFile } from '../tensorboard/event-file';
import type { TrainSettings } from '../train-options';
import { removeKept } from './best-models';
import { CheckpointFolder } from './checkpoint-folder';
import { learnedFiles, restoreLearned } from './learned-files';
import { keepOthersMetrics } from './open-metrics';
import { isOwnReport, requireOwnReport, requireUnchangedReport } from './own-report';
import { encodeRunConfig, type RunConfig, type RunOptions, readRunConfig, requireSameOptions } from './run-config';
import { dataFile, RunData } from './run-data';
import { openSealedJson, sealJson } from './sealed-json';
import { startingWeights } from './starting-weights';
import { originsOf } from './weight-origins';

/** What a folder holds: no run, one that can be resumed, or one that is done. */
export type RunStatus = 'none' | 'unfinished' | 'finished';

/**
 * What a folder holds.
 *
 * ```ts
 * if (runStatus('runs/tomatoes') === 'unfinished') console.log('train() with the same options goes on where it ended');
 * ```
 *
 * @throws FileFormatError for a run whose `config.json` or `summary.json` is damaged
 * @throws StorageError for one that cannot be read, ConfigError for what is no path
 */
export function runStatus(directory: string): RunStatus {
  requireArgument(isPath(directory), 'runStatus', 'the path of a folder', directory);
  if (!readRunConfig(directory)) return 'none';
  return isFinished(directory) ? 'finished' : 'unfinished';
}

/**
 * The folder of a run:
 *
 * - `config.json`: model, training options, and what the run knows its starting weights and its data by
 * - `data.jsonl` (`data.<name>.jsonl` for a source with a name), `evaluate.jsonl`: a short line for each sample, to say what has
 *   changed
 * - `metrics.jsonl`: a line for each step and epoch
 * - `tensorboard/`: the same for TensorBoard, where `tensorboard` is asked for
 * - `checkpoints/`: the last two
 * - `best/epoch-<n>/`: the models of the best epochs so far, where `best` is asked for
 * - `model/`, `report.html`, `summary.json`: when training is done
 *
 * What else is in it stays as it is.
 */
export class RunFolder {
  readonly checkpoints: CheckpointFolder;

  readonly #model: Model;
  readonly #start: RunOptions & Pick<RunConfig, 'weights'>;
  readonly #saved: RunConfig | undefined;
  readonly #resume: boolean;
  readonly #hasLearned: boolean;
  #hasBegun: boolean;

  private constructor(
    readonly held: HeldFolder,
    model: Model,
    /** What the run is known by, apart from its data. */
    start: RunOptions & Pick<RunConfig, 'weights'>,
    /** The run that is there and will be gone on with, or replaced. */
    saved: RunConfig | undefined,
    resume: boolean,
    /** Whether the model has learned since it began the run: then it goes on from a checkpoint or not at all. */
    hasLearned: boolean,
  ) {
    this.#model = model;
    this.#start = start;
    this.#saved = saved;
    this.#resume = resume;
    this.#hasLearned = hasLearned;
    this.#hasBegun = saved !== undefined && resume;
    this.checkpoints = new CheckpointFolder(held);
  }

  /**
   * Holds a folder for a run, or to go on with the one in it. Nothing is written before {@link begin}.
   *
   * @param resume whether to go on with the run that is there; if not, it is replaced
   * @param cache  of features: it may lie in the folder, also before there is a run
   * @throws ConfigError if the folder holds something else, or a run with other options or starting weights, naming what differs
   * @throws LockedError if another process is at it
   * @throws FileFormatError if the run's config is damaged, StorageError if the file system refuses, or others' files are where
   *   the model would be saved
   */
  static async open(
    directory: string,
    model: Model,
    training: TrainSettings,
    resume: boolean,
    cache?: string,
  ): Promise<RunFolder> {
    const from = originsOf(model);
    const options = { model: model.config, training, ...(from.length > 0 && { from }) };
    const cacheName = cache && relative(directory, cache).split(sep)[0];
    existingRun(directory, cacheName); // before anything is made there
    const held = await holdFolder(directory);
    try {
      const saved = existingRun(held.directory, cacheName);
      if (saved && resume) {
        requireSameOptions(saved, options, directory);
        restoreLearned(model, saved.learned ?? {}, `the run in ${directory}`);
      }
      const summary = readSummary(held.directory);
      if (!summary) requireOwnReport(held.path('report.html'));
      else if (!resume) await requireUnchangedReport(held.path('report.html'), summary.reportSha256);
      if (saved && !resume) {
        for (const [name, own] of dataOf(saved)) await new RunData(held, name).requireOwn(own);
      }
      if (!(summary && resume)) {
        if (saved) await requireModelPlace(held.path('model'));
        if (training.best) await requireBestPlaces(held.path('best'));
      }
      const weights = await startingWeights(model, held.directory, resume ? saved?.weights : undefined);
      return new RunFolder(held, model, { ...options, weights: weights.checksums }, saved, resume, weights.hasLearned);
    } catch (error) {
      await held.release();
      throw error;
    }
  }

  /**
   * Begins with these data, or goes on if they are the run's.
   *
   * @param batches what the sizes of batches are known by, as far as they follow from more than options and data
   * @throws ConfigError naming what differs
   */
  async begin(fingerprints: DataFingerprints, batches?: string): Promise<void> {
    const evaluate = new RunData(this.held, 'evaluate');
    if (this.#saved && this.#resume) {
      for (const [name, own] of fingerprints.sources)
        await new RunData(this.held, name).requireSame(this.#saved.sources[name], own);
      await evaluate.requireSame(this.#saved.evaluate, fingerprints.evaluate);
      if (batches !== this.#saved.batches) throw this.#otherBatches();
      return;
    }
    if (this.#saved) {
      const known = dataOf(this.#saved);
      for (const name of [...fingerprints.sources.keys(), 'evaluate']) {
        await new RunData(this.held, name).requireOwn(known.get(name));
      }
      await this.#clear(this.#saved);
    }
    const learned = learnedFiles(this.#model);
    const config: RunConfig = {
      ...this.#start,
      ...(Object.keys(learned).length > 0 && { learned }),
      sources: Object.fromEntries([...fingerprints.sources].map(([name, own]) => [name, own.fingerprint])),
      ...(fingerprints.evaluate && { evaluate: fingerprints.evaluate.fingerprint }),
      ...(batches !== undefined && { batches }),
    };
    await this.held.replaceFile('config.json', encodeRunConfig(config)); // first: it says whose folder this is
    this.#hasBegun = true;
    for (const [name, own] of fingerprints.sources) await new RunData(this.held, name).write(own);
    await evaluate.write(fingerprints.evaluate);
  }

  #otherBatches(): ConfigError {
    return new ConfigError({
      where: 'train.batchSize.bytes',
      expected: `batches of the sizes that those of the run in ${this.held.directory} have`,
      received: 'others: here a step keeps more bytes of a sample, or fewer',
      hint: 'Go on with it on the backend that it began on, and with the same versions of the packages; with a budget of tokens that is not needed.',
    });
  }

  /** Whether there is a run in the folder that the same call goes on with. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  path(name: 'best' | 'model' | 'report.html'): string {
    return this.held.path(name);
  }

  get isFinished(): boolean {
    return isFinished(this.held.directory);
  }

  /** Marks the run as done. */
  async finish(summary: object): Promise<void> {
    const reportSha256 = await fileChecksum(this.path('report.html')); // another one there will be the user's
    await this.held.replaceFile('summary.json', sealJson({ ...summary, reportSha256 }));
  }

  /** For a run that is finished and of which no checkpoint is left. */
  withoutCheckpoint(): FileFormatError {
    return new FileFormatError({
      where: this.held.path('checkpoints'),
      expected: 'the last checkpoint of the run, which is finished',
      received: 'none',
      hint: `Load the trained model from ${this.path('model')}, or give resume: false to train again.`,
    });
  }

  /** For a run without a checkpoint. @throws ConfigError for a model that is not as it was when it began the run */
  requireUntrained(): void {
    if (!this.#hasLearned) return;
    throw new ConfigError({
      where: this.held.directory,
      expected: 'a model with the weights that the run began with, since it has no checkpoint yet',
      received: 'one that has learned since',
      hint: 'Make the model anew, as for the first call, or give resume: false to train this one.',
    });
  }

  /** Lets others write the folder. */
  release(): Promise<void> {
    return this.held.release();
  }

  /** Removes what the former run wrote: first what says that it is finished. */
  async #clear({ sources }: RunConfig): Promise<void> {
    const report = this.path('report.html');
    await this.#remove('summary.json');
    await removeKept(this.path('best'), await this.checkpoints.keptModels());
    await keepOthersMetrics(this.held, await this.checkpoints.metricsMark());
    await this.checkpoints.clear();
    const data = [...Object.keys(sources), 'evaluate'].map(dataFile);
    for (const name of ['metrics.jsonl', eventFile, ...data]) await this.#remove(name);
    if (isOwnReport(report)) await this.#remove('report.html');
  }

  async #remove(name: string): Promise<void> {
    await rm(this.held.path(name), { force: true }).catch((error) => {
      throw asStorageError(error, this.held.path(name), 'a file that can be removed');
    });
  }
}

/** By name what a run knows its data by. */
function dataOf({ sources, evaluate }: RunConfig): ReadonlyMap<string, Fingerprint> {
  return new Map([...Object.entries(sources), ...(evaluate ? [['evaluate', evaluate] as const] : [])]);
}

/** The run in a folder. @throws ConfigError for a folder with something else in it, and none */
function existingRun(directory: string, cacheName?: string): RunConfig | undefined {
  const saved = readRunConfig(directory);
  const names = saved ? [] : namesIn(directory).filter((name) => name !== workshopName && name !== cacheName);
  if (names.length === 0) return saved;
  const more = names.length > 3 ? ` and ${names.length - 3} more` : '';
  throw new ConfigError({
    where: directory,
    expected: 'an empty folder, or that of a run with its config.json',
    received: `a folder with ${names.slice(0, 3).join(', ')}${more}`,
    hint: 'Name another directory. Nothing in this one has been changed.',
  });
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw asStorageError(error, directory, 'a folder that can be read');
  }
}

/** What stands where the models of the best epochs go is models of ours, or nothing. @throws StorageError */
async function requireBestPlaces(directory: string): Promise<void> {
  for (const name of namesIn(directory).filter((own) => /^epoch-\d+$/.test(own)))
    await requireModelPlace(join(directory, name));
}

function isFinished(directory: string): boolean {
  return readSummary(directory) !== undefined;
}

/** What a finished run said last; undefined for one that is not. @throws FileFormatError for a summary that is damaged */
function readSummary(directory: string): Readonly<Record<string, unknown>> | undefined {
  const path = join(directory, 'summary.json');
  try {
    return openSealedJson(new TextDecoder().decode(readRegularFileSync(path, { maxBytes: 2 ** 28 })), path);
  } catch (error) {
    if (error instanceof StorageError && error.systemCode === 'ENOENT') return undefined;
    throw error;
  }
}
