import { existsSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Checkpoint } from './checkpoint';
import { missingWeights } from './missing-weights';
import { openSafetensorsFile } from './open-safetensors-file';
import { openShardedCheckpoint } from './open-sharded-checkpoint';
import { weightFileNames } from './weight-file-names';

/**
 * Opens a checkpoint: a safetensors file, an index of shards, or a folder with `model.safetensors` or
 * `model.safetensors.index.json`.
 *
 * @throws FileFormatError for weights that are missing, malformed or in another format
 * @throws StorageError for a file that is not there or cannot be read
 */
export async function openCheckpoint(path: string): Promise<Checkpoint> {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return openFile(path);
  const found = weightFileNames.map((name) => join(path, name)).find((candidate) => existsSync(candidate));
  if (found === undefined) throw missingWeights(path, await readdir(path), path);
  return openFile(found);
}

function openFile(path: string): Promise<Checkpoint> {
  return path.endsWith('.json') ? openShardedCheckpoint(path) : openSafetensorsFile(path);
}
