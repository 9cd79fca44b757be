import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { asStorageError, ConfigError } from '@polymodal/core';
import { runStatus } from '@polymodal/trainer';
import { shownPath } from '../command/shown-path';
import { ConfigFile } from '../config/config-file';
import { findConfig } from '../config/find-config';
import { siblingHint } from '../config/sibling-hint';
import { runFolder } from '../data/open-parts';
import { keptConfig } from '../run/keep-project';

/** A model that was saved. */
export interface FoundModel {
  /** As it was named. */
  readonly given: string;
  readonly folder: string;
  /** How the run that it is from read its data; none of a model that was saved by itself. */
  readonly config: ConfigFile | undefined;
}

/**
 * The model in a folder, which is that of a run or of a model.
 *
 * @throws ConfigError for what is neither, a run that is not finished, and a model of other programs, saying what to do
 */
export async function findModel(directory: string, given: string): Promise<FoundModel> {
  const path = resolve(directory, given);
  await requireFolder(path, given, directory);
  const kind = await kindOf(path);
  if (kind === 'model') return { given, folder: path, config: await keptBeside(dirname(path)) };
  if (kind === 'run') {
    if (runStatus(path) === 'finished') return { given, folder: join(path, 'model'), config: await keptBeside(path) };
    throw new ConfigError({
      where: given,
      expected: 'a run that is finished',
      received: 'one that was interrupted, and has no model yet',
      hint: `Go on with it: polymodal resume ${given}`,
    });
  }
  const [received, hint] =
    kind === 'hugging-face'
      ? [
          'a model as Python has it',
          `An encoder, as BERT, is named in a config: encoders: { text: { use: pretrained-text, from: … } }, and that is trained. A whole model, as GPT-2 or CLIP: polymodal hub convert ${given} --out <folder>`,
        ]
      : [
          'a folder without a model',
          (await runOfConfig(path, directory)) ??
            'Name the folder of a run ("directory" in its config), or one that saveModel wrote.',
        ];
  throw new ConfigError({ where: given, expected: 'the folder of a run or of a model', received, hint });
}

/** For who names a config, or the folder of one: where its run is. */
async function runOfConfig(path: string, directory: string): Promise<string | undefined> {
  const config = await findConfig(path)
    .then((file) => ConfigFile.read(file))
    .catch(() => undefined); // it is none, or one that has faults of its own
  return config && `Name the folder of its run: ${shownPath(runFolder(config), directory)}`;
}

async function requireFolder(path: string, given: string, directory: string): Promise<void> {
  const stats = await stat(path).catch(async (error) => {
    if (error.code !== 'ENOENT') throw asStorageError(error, path, 'the folder of a run or of a model');
    throw new ConfigError({
      where: given,
      expected: 'the folder of a run or of a model',
      received: 'nothing of that name',
      hint: await siblingHint(path, 'Train one first: polymodal train'),
    });
  });
  if (stats.isDirectory()) return;
  throw new ConfigError({
    where: given,
    expected: 'the folder of a run or of a model',
    received: 'a file',
    hint:
      (await runOfConfig(path, directory)) ??
      ((await kindOf(dirname(path))) === undefined
        ? 'The model comes first, and behind it what it is asked: polymodal predict runs/products photo.jpg'
        : `Name its folder: ${shownPath(dirname(path), directory)}`),
  });
}

/** What a folder holds: a run, a model of ours or one as Python has it; `undefined` for anything else. */
export async function kindOf(path: string): Promise<'model' | 'run' | 'hugging-face' | undefined> {
  if (runStatus(path) !== 'none') return 'run';
  const content = await readFile(join(path, 'config.json'), 'utf8').catch(() => '');
  if (/^\s*\{\s*"polymodal"/.test(content)) return 'model'; // loadModel says what is wrong with it
  return /"model_type"|"architectures"/.test(content) ? 'hugging-face' : undefined;
}

async function keptBeside(folder: string): Promise<ConfigFile | undefined> {
  const path = join(folder, keptConfig);
  return existsSync(path) ? ConfigFile.read(path) : undefined;
}
