import { stat } from 'node:fs/promises';
import { asStorageError, FileFormatError, StorageError } from '../errors';
import { readRegularFile } from '../files';
import { isPath, requireArgument } from '../require-argument';
import type { NamedTensor } from '../safetensors';
import { longestManifest } from './folder/folder-kind';
import { type FolderView, readFolder } from './folder/read-folder';
import { describeContent } from './folder/written-files';
import { type ModelManifest, modelFolder, parseModelManifest } from './model-manifest';
import { readSafetensors } from './safetensors/read-safetensors';

/** A model that `saveModel` wrote, as its files have it. */
export interface SavedModel {
  readonly config: unknown;
  /** Of the whole model: two that share it are equal to the bit. */
  readonly sha256: string;
  /** What its processors keep, by `processors/<slot>/<name>` and `targets/<head>/<name>`. @throws FileFormatError, StorageError */
  processorFiles(): Promise<ReadonlyMap<string, Uint8Array>>;
  /**
   * Reads all weights, one after the other, each into an array of its own that `take` may keep.
   *
   * @throws FileFormatError for files that are not those that were saved: then what was taken is not to be used
   */
  readWeights(take: (path: string, value: NamedTensor) => void): Promise<void>;
}

/**
 * Reads a model that `saveModel` wrote, without making it. Every file is held against the checksum that was written with the model,
 * so parts of two models are never taken for one.
 *
 * @param read may be called several times, where others write the folder meanwhile
 * @throws FileFormatError for a folder that is incomplete, malformed, changed or of another version
 * @throws StorageError for one that cannot be read, ConfigError for what is no path
 */
export async function readSavedModel<T>(directory: string, read: (saved: SavedModel) => Promise<T>): Promise<T> {
  await requireFolder(directory);
  return readFolder(directory, modelFolder, async (folder) => {
    const where = folder.path(modelFolder.manifest);
    const content = await within(directory, modelFolder.manifest, () =>
      readRegularFile(where, { maxBytes: longestManifest }),
    );
    const manifest = parseModelManifest(content, where);
    return read({
      config: manifest.config,
      sha256: manifest.sha256,
      processorFiles: () => readProcessors(directory, folder, manifest),
      readWeights: (take) => readWeights(directory, folder, manifest, take),
    });
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
  take: (path: string, value: NamedTensor) => void,
): Promise<void> {
  const shards = Object.entries(files).filter(([name]) => name.endsWith('.safetensors') && !name.includes('/'));
  for (const [name, written] of shards) {
    const path = folder.path(name);
    await within(directory, name, () => readSafetensors(path, written, take));
  }
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
