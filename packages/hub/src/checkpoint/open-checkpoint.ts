import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { ConfigError, describeValue } from '@polymodal/core';
import type { Checkpoint } from './checkpoint';
import { isFolder } from './is-folder';
import { missingWeights } from './missing-weights';
import { openSafetensorsFile } from './open-safetensors-file';
import { openShardedCheckpoint } from './open-sharded-checkpoint';
import { type PretrainedFolderView, readPretrainedFolder } from './read-pretrained-folder';
import { weightFileNames } from './weight-file-names';

/**
 * Opens a checkpoint: a safetensors file, an index of shards, or a folder with `model.safetensors` or
 * `model.safetensors.index.json`.
 *
 * ```ts
 * const checkpoint = await openCheckpoint('models/tuned-bert');
 * for (const name of checkpoint.names) console.log(name, checkpoint.info(name).shape);
 * await checkpoint.close();
 * ```
 *
 * @throws FileFormatError for weights that are missing, malformed or in another format
 * @throws StorageError for a file that is not there or cannot be read, ConfigError for what is no path
 */
export async function openCheckpoint(path: string): Promise<Checkpoint> {
  if (typeof path !== 'string' || path === '') {
    throw new ConfigError({ where: 'openCheckpoint', expected: 'a path', received: describeValue(path) });
  }
  if (isFolder(path)) return readPretrainedFolder(path, openWeights);
  return path.endsWith('.json') ? openShardedCheckpoint(path) : openSafetensorsFile(path);
}

/** Opens the weights of a folder. */
export async function openWeights({ folder, path }: PretrainedFolderView): Promise<Checkpoint> {
  const name = weightFileNames.find((candidate) => existsSync(path(candidate)));
  if (name === undefined) throw missingWeights(folder, await readdir(folder), folder);
  return name.endsWith('.json') ? openShardedCheckpoint(path(name), { folder, path }) : openSafetensorsFile(path(name));
}
