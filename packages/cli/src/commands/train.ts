import { dirname, join, resolve } from 'node:path';
import { type BackendName, ConfigError, type Model } from '@polymodal/core';
import { runStatus, train } from '@polymodal/trainer';
import { counted } from '../command/counted';
import { exitCode } from '../command/exit-code';
import type { Outcome } from '../command/outcome';
import { printable } from '../command/printable';
import { shownPath } from '../command/shown-path';
import { ConfigFile } from '../config/config-file';
import { findConfig } from '../config/find-config';
import { runFolder } from '../data/open-parts';
import { toldByLine } from '../data/told-by-line';
import { calledSources, describeSources, trainingData } from '../data/training-data';
import { dryRun } from '../run/dry-run';
import { figuresTable } from '../run/figures-table';
import { guesses } from '../run/guesses';
import { keepProject } from '../run/keep-project';
import { type PreparedRun, prepareRun } from '../run/prepare-run';
import { requireRun } from '../run/require-run';
import { withUsableRows } from '../run/with-usable-rows';
import type { Surroundings } from '../surroundings';

/** What may be said of `polymodal train`. */
export interface TrainCommandOptions {
  readonly set?: readonly string[];
  readonly dryRun?: boolean;
  readonly backend?: BackendName;
}

/** `polymodal train`: trains the model of a config, or goes on where a run of it ended, and says how it does on the part `test`. */
export async function trainCommand(
  given: string | undefined,
  options: TrainCommandOptions,
  surroundings: Surroundings,
): Promise<Outcome> {
  const config = await ConfigFile.read(await findConfig(surroundings.directory, given), options.set);
  const run = await prepareRun(config, surroundings, options.backend);
  return withUsableRows(run, surroundings, (own) => (options.dryRun ? dryRun(own) : learn(own, surroundings)));
}

/** `polymodal resume`: as `train`, of a run that has begun. */
export async function resumeCommand(
  given: string | undefined,
  options: TrainCommandOptions,
  surroundings: Surroundings,
): Promise<Outcome> {
  const otherwise = 'Name the folder of the run: polymodal resume runs/products';
  const config = await ConfigFile.read(await findConfig(surroundings.directory, given, otherwise), options.set);
  requireRun(config);
  const run = await prepareRun(config, surroundings, options.backend);
  return withUsableRows(run, surroundings, (own) => learn(own, surroundings));
}

async function learn(run: PreparedRun, { directory: from, messages }: Surroundings): Promise<Outcome> {
  const { config, model, data, weights, augment, signal } = run;
  const { train: learned, validation, test } = data.parts;
  const directory = runFolder(config);
  const shown = shownPath(directory, from);
  const wasFinished = runStatus(directory) === 'finished';
  const { featureCache, stages: _, ...settings } = config.project.training;
  const sources = await trainingData(config, learned);
  const described = describeSources(sources);
  if (described !== '') messages.write(`${printable(described)}\n`);
  const options = {
    ...settings,
    ...sources,
    ...(featureCache && {
      featureCache: { ...featureCache, directory: resolve(dirname(config.path), featureCache.directory) },
    }),
    augment,
    ...(weights && { weights }),
    ...(validation && { evaluate: validation }),
    ...(test && { test }),
    directory,
    signal,
    progress: messages,
    onEpoch: () => keepProject(config, data.split),
  };
  const told = () => toldByLine(calledSources(sources), () => train(model, options));
  const training = () => told().catch((error) => Promise.reject(ofOtherRun(error, shown)));
  const { status, steps, seconds, subsets, tokens, test: figures } = await config.within('training', training, 'train');
  if (runStatus(directory) !== 'none') await keepProject(config, data.split);
  if (status === 'interrupted') {
    const text = `Interrupted after ${steps} steps. Go on with: polymodal resume ${shown}`;
    return { text, result: { status, directory, steps }, exitCode: exitCode.interrupted };
  }
  const guessed = test && (await guesses(model, learned, test));
  const parts = [
    wasFinished ? `The run in ${shown} had been finished before.` : '',
    test && figures
      ? `How it does on ${counted(test.length, 'sample')} of the part "test", which it has not seen:\n\n${figuresTable(figures, guessed)}`
      : withoutTest(model),
    `\nReport: ${join(shown, 'report.html')}\nAsk it: polymodal predict ${shown} <files or a table>`,
  ];
  const result = { status, directory, steps, seconds, tokens, test: figures, guesses: guessed, validation: subsets };
  return { text: parts.filter(Boolean).join('\n'), result };
}

/** A run that is there and was begun with something else: what can be done about it from a command line. */
function ofOtherRun(error: unknown, shown: string): unknown {
  if (!ConfigError.isInstance(error) || !error.hint?.includes('resume: false')) return error;
  const { where, expected, received } = error;
  return new ConfigError({
    ...(where !== undefined && { where }),
    expected,
    received,
    hint: `Go on with what it was begun with: polymodal resume ${shown}. For another run name another folder: --set directory=runs/other.`,
    cause: error,
  });
}

function withoutTest({ heads }: Model): string {
  const names = Object.keys(heads).join(', ');
  return `There is no part "test", so that nobody knows how ${names} would do on what it has not seen: see data.split.`;
}
