import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { asStorageError, ConfigError } from '@polymodal/core';
import { syncFolder, writeDurably } from '@polymodal/core/node';
import { type Shards, splitIntoShards } from './split-into-shards';
import { temporaryPath } from './temporary-path';
import { planTensors, type TensorToSave } from './tensor-to-save';
import { pytorchMetadata, writeTensors } from './write-safetensors-file';

export interface SaveCheckpointOptions {
  /** Most bytes of data in a file; 5 GB unless told otherwise. */
  readonly maxShardSize?: number;
  /** Texts that go into every file; `{ format: 'pt' }`, which Python's transformers asks for, unless told otherwise. */
  readonly metadata?: Readonly<Record<string, string>>;
}

const indexName = 'model.safetensors.index.json';

/**
 * Saves tensors into a folder in Hugging Face layout: `model.safetensors`, or shards and their index. Weights that are there
 * already are replaced when the new ones are complete; a process that is killed leaves the old weights, the new ones or,
 * between two sets of shards, a folder without index, never a mixture.
 *
 * @returns the names of the files, the index last
 * @throws ConfigError, ShapeError for what the format cannot hold, tensors that share memory, or a shard size of no bytes
 * @throws StorageError if the file system does not take the files
 */
export async function saveCheckpoint(
  directory: string,
  tensors: ReadonlyMap<string, TensorToSave>,
  { maxShardSize = 5e9, metadata = pytorchMetadata }: SaveCheckpointOptions = {},
): Promise<string[]> {
  if (!(maxShardSize > 0)) {
    throw new ConfigError({ where: 'maxShardSize', expected: 'a number of bytes', received: String(maxShardSize) });
  }
  const shards = splitIntoShards(planTensors(tensors), maxShardSize);
  const names = [...shards.keys(), ...(shards.size > 1 ? [indexName] : [])];
  const temporary = new Map(names.map((name) => [name, temporaryPath(join(directory, name))]));
  try {
    await mkdir(directory, { recursive: true });
    for (const [name, shard] of shards) await writeTensors(temporary.get(name)!, shard, metadata);
    if (shards.size > 1) await writeDurably(temporary.get(indexName)!, indexText(shards));
    await putInPlace(directory, temporary);
  } catch (error) {
    for (const path of temporary.values()) await rm(path, { force: true });
    throw asStorageError(error, directory);
  }
  return names;
}

function indexText(shards: Shards): string {
  const all = [...shards].flatMap(([file, tensors]) => tensors.map((tensor) => ({ file, ...tensor })));
  const metadata = { total_size: all.reduce((total, { byteLength }) => total + byteLength, 0) };
  const entries = all
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, file }) => `    ${JSON.stringify(name)}: ${JSON.stringify(file)}`);
  return `{\n  "metadata": ${JSON.stringify(metadata)},\n  "weight_map": {\n${entries.join(',\n')}\n  }\n}\n`;
}

/**
 * Readers look for `model.safetensors` first, so a single file replaces everything at once. Shards of the same number have
 * the names of the former ones: without their index nobody takes them for a checkpoint while they change.
 */
async function putInPlace(directory: string, files: ReadonlyMap<string, string>): Promise<void> {
  if (files.has(indexName)) {
    await rm(join(directory, indexName), { force: true });
    await syncFolder(directory);
  }
  for (const [name, path] of files) await rename(path, join(directory, name));
  await syncFolder(directory);
  const stale = (await readdir(directory)).filter((name) => isWeightFile(name) && !files.has(name));
  for (const name of stale.sort(indexFirst)) await rm(join(directory, name), { force: true });
  await syncFolder(directory);
}

function isWeightFile(name: string): boolean {
  return name === indexName || /^model(-\d{5}-of-\d{5})?\.safetensors$/.test(name);
}

function indexFirst(a: string, b: string): number {
  return Number(b === indexName) - Number(a === indexName);
}
