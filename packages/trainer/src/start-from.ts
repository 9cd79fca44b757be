import { join } from 'node:path';
import {
  ConfigError,
  holdModel,
  isPath,
  isWithin,
  type Model,
  parseConfig,
  pathsOf,
  patternFault,
  requireArgument,
  ShapeError,
  type UncheckedModelConfig,
} from '@polymodal/core';
import { readSavedModel, type SavedModel } from '@polymodal/core/node';
import { z } from 'zod';
import { type LearningPart, learningParts } from './data/learning-parts';
import { requireModel } from './data/require-model';
import { restoreLearned } from './run/learned-files';
import { runStatus } from './run/run-folder';
import { noteOrigin } from './run/weight-origins';

/** What need not be the same in the model and in the saved one: patterns of paths of parameters or modules. */
export interface StartFromOptions {
  /** Parameters of the model that the saved one may lack: they keep the values that they have. Default none. */
  readonly mayBeNew?: readonly string[];
  /** Parameters of the saved model that may be left where they are. Default none. */
  readonly mayBeLeft?: readonly string[];
}

/** What {@link startFrom} did, parameter by parameter. */
export interface StartReport {
  /** The folder of the model that the weights come from. */
  readonly folder: string;
  /** Its checksum, which a run in a folder keeps in its config. */
  readonly sha256: string;
  /** Parameters that have the saved values now. */
  readonly taken: readonly string[];
  /** Parameters of the model that the saved one does not have in this shape. */
  readonly new: readonly string[];
  /** Parameters of the saved model that this one does not have in this shape. */
  readonly left: readonly string[];
}

const optionsSchema = z.strictObject({
  mayBeNew: z.array(z.string().min(1)).readonly().default([]),
  mayBeLeft: z.array(z.string().min(1)).readonly().default([]),
});

/**
 * Gives a model the weights that another one ended with, by the names of the parameters: of a run in a folder, or of a saved model. The
 * two need not be alike: one more modality, another head, adapters. What differs has to be allowed by name, so that nothing is left
 * out by mistake.
 *
 * ```ts
 * const model = composeModel(registry, { ...config, encoders: { ...config.encoders, audio } });
 * const { taken } = await startFrom(model, 'runs/pictures', { mayBeNew: ['encoders.audio'], mayBeLeft: ['heads.align'] });
 * await train(model, { data, directory: 'runs/with-audio' });
 * ```
 *
 * Processors of the model that learn from data, and have not, get what those of the same slots had learned. If anything is refused, the
 * model stays as it is.
 *
 * @param directory the folder of a run that is finished, or of a model that `saveModel` wrote
 * @throws ConfigError for parameters that are not in both and may not be, if there are none in both, for a pattern that fits nothing of
 *   the model or of the saved one, for a run that is not finished, and for processors that have learned something else
 * @throws ShapeError for a parameter that has another shape in the saved model, unless it may be both new and left
 * @throws FileFormatError for a folder that is damaged, StorageError for one that cannot be read
 * @throws StateError while the model is trained
 */
export async function startFrom(model: Model, directory: string, options: StartFromOptions = {}): Promise<StartReport> {
  requireModel(model, 'startFrom');
  requireArgument(isPath(directory), 'startFrom', 'the path of a folder', directory);
  const allowed = parseConfig(optionsSchema, options, 'startFrom');
  const folder = modelFolderOf(directory);
  const letGo = holdModel(model, 'startFrom');
  try {
    const report = await readSavedModel(folder, async (saved) => {
      const plan = await compare(model, saved, allowed, folder);
      takeLearned(model, await saved.processorFiles(), folder);
      const parameters = model.parameters();
      const taken = new Set(plan.taken);
      await saved.readWeights((path, { data }) => {
        if (taken.has(path)) parameters.get(path)!.adoptValues(data);
      });
      return { folder, sha256: saved.sha256, ...plan };
    });
    noteOrigin(model, report.sha256);
    return report;
  } finally {
    letGo();
  }
}

/** Where the model of a run stands, or the folder itself, if it is none of a run. */
function modelFolderOf(directory: string): string {
  const status = runStatus(directory);
  if (status === 'none') return directory;
  if (status === 'finished') return join(directory, 'model');
  throw new ConfigError({
    where: directory,
    expected: 'a run that is finished',
    received: 'one that is not',
    hint: 'The same call of train finishes it. What it has come to can be kept with saveModel, in onEpoch say.',
  });
}

/** What will be taken, is new and is left. Nothing has been changed yet. */
async function compare(
  model: Model,
  saved: SavedModel,
  { mayBeNew, mayBeLeft }: z.output<typeof optionsSchema>,
  folder: string,
): Promise<Pick<StartReport, 'taken' | 'new' | 'left'>> {
  const own = model.parameters();
  const shapes = new Map<string, readonly number[]>();
  await saved.readWeights((path, { shape }) => shapes.set(path, shape)); // every checksum, too
  requireFitting('mayBeNew', mayBeNew, pathsOf(model));
  requireFitting('mayBeLeft', mayBeLeft, { parameters: shapes.keys(), modules: slotsOf(saved) });
  const isTaken = (path: string) => String(own.get(path)?.shape ?? 'none') === String(shapes.get(path) ?? 'nothing');
  const taken = [...own.keys()].filter(isTaken);
  const added = [...own.keys()].filter((path) => !isTaken(path));
  const left = [...shapes.keys()].filter((path) => !isTaken(path));
  const [refusedNew, refusedLeft] = [forbidden(added, mayBeNew), forbidden(left, mayBeLeft)];
  const other = refusedNew.concat(refusedLeft).find((path) => own.has(path) && shapes.has(path));
  if (other !== undefined) throw otherShape(other, own.get(other)!.shape, shapes.get(other)!, folder);
  if (refusedNew.length + refusedLeft.length > 0) throw notAllowed(refusedNew, refusedLeft, folder);
  if (taken.length === 0) {
    const [expected, received] = ['at least one parameter of the model', 'none of them'];
    throw new ConfigError({ where: folder, expected, received, hint: 'Parameters are known by their names.' });
  }
  return { taken, new: added, left };
}

/** A pattern that fits nothing is misspelt, and the parameters that it was to allow are elsewhere. */
function requireFitting(
  name: keyof StartFromOptions,
  patterns: readonly string[],
  paths: Parameters<typeof patternFault>[1],
): void {
  const fault = patternFault(patterns, paths);
  if (fault) throw new ConfigError({ where: `startFrom.${name}.${fault.index}`, ...fault });
}

/** The parts of a saved model: which of them have parameters, its config does not say. */
function slotsOf({ config }: SavedModel): string[] {
  const { encoders, heads } = config as UncheckedModelConfig;
  return [
    'fusion',
    ...Object.keys(encoders).map((slot) => `encoders.${slot}`),
    ...Object.keys(heads).map((name) => `heads.${name}`),
  ];
}

function forbidden(paths: readonly string[], patterns: readonly string[]): string[] {
  return paths.filter((path) => !patterns.some((pattern) => isWithin(path, pattern)));
}

/** What the saved processors learned, for those of the model that stand in the same places. */
function takeLearned(model: Model, files: ReadonlyMap<string, Uint8Array>, where: string): void {
  const saved = Object.fromEntries(
    [...files].map(([path, content]) => [path, Buffer.from(content).toString('base64')]),
  );
  const isSaved = ({ folder }: LearningPart) => Object.keys(saved).some((path) => path.startsWith(`${folder}/`));
  restoreLearned(model, saved, where, learningParts(model).filter(isSaved));
}

function otherShape(
  path: string,
  expected: readonly number[],
  received: readonly number[],
  folder: string,
): ShapeError {
  return new ShapeError({
    where: path,
    expected: `shape [${expected}], as in the model`,
    received: `[${received}] in ${folder}`,
    hint: `If it is to begin anew, allow both: mayBeNew: ["${path}"], mayBeLeft: ["${path}"].`,
  });
}

function notAllowed(added: readonly string[], left: readonly string[], folder: string): ConfigError {
  const parts = [
    ['mayBeNew', added, 'that it lacks'],
    ['mayBeLeft', left, 'that the model lacks'],
  ] as const;
  const given = parts.filter(([, paths]) => paths.length > 0);
  const list = (paths: readonly string[]) => JSON.stringify([...new Set(paths.map(moduleOf))]);
  return new ConfigError({
    where: folder,
    expected: 'exactly the parameters of the model, but for those that are allowed to differ',
    received: given.map(([, paths, what]) => `${listed(paths)} ${what}`).join(', and '),
    hint: `If that is meant: ${given.map(([name, paths]) => `${name}: ${list(paths)}`).join(', ')}.`,
  });
}

function listed(paths: readonly string[]): string {
  const more = paths.length > 3 ? ` and ${paths.length - 3} more` : '';
  return `${paths.slice(0, 3).join(', ')}${more}`;
}

function moduleOf(path: string): string {
  return path.split('.').slice(0, 2).join('.');
}
