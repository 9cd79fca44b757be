import { rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { asStorageError } from '../errors';
import { isPath, requireArgument } from '../require-argument';
import { FormerFiles } from './folder/former-files';
import { holdFolder } from './folder/hold-folder';
import { putInPlace } from './folder/put-in-place';
import { statOf } from './folder/stat-of';
import { modelFolder } from './model-manifest';
import { readSavedModel } from './saved-model';

/**
 * Takes a model away that `saveModel` wrote: the files that it consists of, as they were written, and their folder if nothing else is
 * in it. What others put there or changed stays.
 *
 * @param sha256 of the model, as `readSavedModel` gives it: another one stays
 * @returns whether there was such a model
 * @throws StorageError if the file system refuses, LockedError while another process saves there, ConfigError for what is no path
 */
export async function removeModel(directory: string, sha256: string): Promise<boolean> {
  requireArgument(isPath(directory), 'removeModel', 'the path of a folder', directory);
  if (!(await statOf(directory)) || (await checksumIn(directory)) !== sha256) return false;
  const held = await holdFolder(directory);
  try {
    await putInPlace(held, modelFolder);
    const former = await FormerFiles.read(held, modelFolder);
    const names = Object.keys((await former?.present(() => true)) ?? {});
    for (const name of names) await rm(held.path(name), { force: true });
    for (const folder of foldersOf(names)) await rmdir(join(held.directory, folder)).catch(() => undefined); // others are in it
    await rm(held.path(modelFolder.manifest), { force: true }); // last: it says what is left to do
  } catch (error) {
    throw asStorageError(error, directory);
  } finally {
    await held.release();
  }
  await rmdir(directory).catch(() => undefined);
  return true;
}

function checksumIn(directory: string): Promise<string | undefined> {
  return readSavedModel(directory, async ({ sha256 }) => sha256).catch(() => undefined);
}

/** The folders that files stand in, the inner ones first. */
function foldersOf(names: readonly string[]): string[] {
  const folders = new Set<string>();
  for (const name of names) {
    for (let folder = dirname(name); folder !== '.'; folder = dirname(folder)) folders.add(folder);
  }
  return [...folders].sort((a, b) => b.length - a.length);
}
