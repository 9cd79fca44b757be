import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Model } from '../model';
import { readParameters } from '../parameter-values';
import { encodeSafetensors } from '../safetensors';
import { syncFolder, writeDurably } from './replace-file';

/** Version of the folder's layout. */
export const modelFolderVersion = 1;

/**
 * Saves a model as a folder: `config.json`, `model.safetensors` and `processors/<slot>/…`, bit-exact. The folder is
 * complete before it takes its name; one that is there already is replaced.
 */
export async function saveModel(model: Model, directory: string): Promise<void> {
  const target = resolve(directory);
  const temporary = `${target}.saving`;
  await rm(temporary, { recursive: true, force: true }); // what a killed process left
  await mkdir(temporary, { recursive: true });
  try {
    await writeContent(model, temporary);
    await replaceFolder(temporary, target);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
}

/**
 * Where the model of a folder is to be read: no system swaps two folders in one step, so a process that is killed between
 * the two renames of a replacement leaves the former model beside the name.
 */
export async function existingModelFolder(directory: string): Promise<string> {
  const previous = previousOf(resolve(directory));
  return !(await exists(directory)) && (await exists(previous)) ? previous : directory;
}

async function writeContent(model: Model, directory: string): Promise<void> {
  const description = { polymodal: modelFolderVersion, config: model.config };
  await writeDurably(join(directory, 'config.json'), `${JSON.stringify(description, null, 2)}\n`);
  const weights = encodeSafetensors(await readParameters(model), { format: 'pt' });
  await writeDurably(join(directory, 'model.safetensors'), weights);
  for (const [slot, processor] of Object.entries(model.processors)) {
    const folder = join(directory, 'processors', slot);
    await mkdir(folder, { recursive: true });
    for (const [name, content] of Object.entries(processor.files?.() ?? {})) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeDurably(join(folder, name), content);
    }
    await syncFolder(folder);
  }
  await syncFolder(directory);
}

async function replaceFolder(source: string, target: string): Promise<void> {
  const previous = previousOf(target);
  if (await exists(target)) {
    await rm(previous, { recursive: true, force: true });
    await rename(target, previous);
  }
  try {
    await rename(source, target);
  } catch (error) {
    await rename(previous, target).catch(() => {}); // there may have been none
    throw error;
  }
  await syncFolder(dirname(target));
  await rm(previous, { recursive: true, force: true });
}

function previousOf(target: string): string {
  return `${target}.previous`;
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
