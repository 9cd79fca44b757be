import { stat } from 'node:fs/promises';
import { z } from 'zod';
import { type ComposeOptions, composeUnchecked } from '../compose-model';
import { asStorageError, FileFormatError, StorageError } from '../errors';
import { readRegularFile } from '../files';
import type { Model } from '../model';
import { ParameterFiller } from '../parameter-values';
import { parseConfig } from '../parse-config';
import type { Registry } from '../registry';
import { isPath, requireArgument } from '../require-argument';
import { longestManifest } from './folder/folder-kind';
import { type FolderView, readFolder } from './folder/read-folder';
import { describeContent } from './folder/written-files';
import { type ModelManifest, modelFolder, parseModelManifest } from './model-manifest';
import { readSafetensors } from './safetensors/read-safetensors';

/** How a model is loaded. */
export type LoadModelOptions = Pick<ComposeOptions, 'readFiles'>;

const loadModelOptions = z.strictObject({ readFiles: z.boolean().optional() });

/**
 * Loads a model that `saveModel` wrote. Every file is held against the checksum that was written with the model, so parts of two
 * models are never taken for one.
 *
 * ```ts
 * import { createRegistry } from '@polymodal/core';
 * import { discoverPlugins, loadModel } from '@polymodal/core/node';
 *
 * const registry = createRegistry(await discoverPlugins(process.cwd())); // or a list of plugins
 * const model = await loadModel(registry, 'tomato-model');
 * ```
 *
 * @param registry must hold the parts that the model's config uses
 * @param options `readFiles: false` where strangers send the samples
 * @throws FileFormatError for a folder that is incomplete, malformed, changed or of another version
 * @throws StorageError for one that cannot be read, ConfigError for what is no registry or no path
 * @throws UnknownNameError for a part that the registry lacks
 */
export async function loadModel(registry: Registry, directory: string, options: LoadModelOptions = {}): Promise<Model> {
  parseConfig(loadModelOptions, options, 'loadModel');
  requireArgument(typeof registry?.encoder === 'function', 'loadModel', 'a registry', registry);
  await requireFolder(directory);
  return readFolder(directory, modelFolder, async (folder) => {
    const where = folder.path(modelFolder.manifest);
    const content = await within(directory, modelFolder.manifest, () =>
      readRegularFile(where, { maxBytes: longestManifest }),
    );
    const manifest = parseModelManifest(content, where);
    const saved = await readProcessors(directory, folder, manifest);
    const model = composeUnchecked(registry, manifest.config, {
      ...options,
      initialize: false,
      savedFile: (part, name) => saved.get(`${part}/${name}`),
    });
    try {
      await readWeights(directory, folder, manifest, model);
    } catch (error) {
      model.dispose();
      throw error;
    }
    return model;
  });
}

async function requireFolder(directory: string): Promise<void> {
  requireArgument(isPath(directory), 'directory', 'the path of a model folder', directory);
  const stats = await stat(directory).catch((error) => {
    if (error.code === 'ENOENT') return undefined;
    throw asStorageError(error, directory, 'a folder that can be read');
  });
  if (stats?.isDirectory()) return;
  throw new FileFormatError({
    where: directory,
    expected: 'a model folder with config.json',
    received: stats ? 'something that is no folder' : 'a folder that does not exist',
    hint: 'Give the folder that saveModel wrote.',
  });
}

async function readProcessors(
  directory: string,
  folder: FolderView,
  { files }: ModelManifest,
): Promise<Map<string, Uint8Array>> {
  const contents = new Map<string, Uint8Array>();
  for (const [name, written] of Object.entries(files)) {
    if (!/^(processors|targets)\//.test(name)) continue;
    const path = folder.path(name);
    const content = await within(directory, name, () => readRegularFile(path, { maxBytes: written.bytes }));
    if (describeContent(content).sha256 !== written.sha256) {
      const hint = 'The file is damaged, was changed, or belongs to another model.';
      throw new FileFormatError({
        where: path,
        expected: 'the file that was saved with the model',
        received: 'another',
        hint,
      });
    }
    contents.set(name, content);
  }
  return contents;
}

async function readWeights(
  directory: string,
  folder: FolderView,
  { files }: ModelManifest,
  model: Model,
): Promise<void> {
  const shards = Object.entries(files).filter(([name]) => name.endsWith('.safetensors') && !name.includes('/'));
  const filler = new ParameterFiller(model, directory);
  for (const [name, written] of shards) {
    const path = folder.path(name);
    await within(directory, name, () => readSafetensors(path, written, (tensor, value) => filler.fill(tensor, value)));
  }
  filler.finish();
}

/** A file of the folder that is not there is a fault of the folder. */
async function within<T>(directory: string, name: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof StorageError) || error.systemCode !== 'ENOENT') throw error;
    throw new FileFormatError({
      where: directory,
      expected: `a model folder with ${name}`,
      received: 'a folder without it',
      hint: 'Give the folder that saveModel wrote.',
      cause: error,
    });
  }
}
