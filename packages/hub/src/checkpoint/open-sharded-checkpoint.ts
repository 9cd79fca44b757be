import { dirname, join } from 'node:path';
import { FileFormatError } from '@polymodal/core';
import type { Checkpoint, CheckpointTensor, StoredPlace, TensorInfo } from './checkpoint';
import { openSafetensorsFile } from './open-safetensors-file';
import { readShardIndex, type WeightMap } from './shard-index';
import { shardPath } from './shard-path';
import { unknownTensor } from './unknown-tensor';

/** Where the files of a folder are to be read. */
export interface ShardPlaces {
  readonly folder: string;
  path(name: string): string;
}

/**
 * Opens the shards that an index (`model.safetensors.index.json`) names, as one checkpoint.
 *
 * @param places the folder of the index, unless told otherwise
 * @throws FileFormatError for a malformed index or shard, a shard that is missing or leads out of the folder, a tensor that
 *   is not in the shard where the index has it, or one that the index leaves out
 */
export async function openShardedCheckpoint(
  indexPath: string,
  places: ShardPlaces = { folder: dirname(indexPath), path: (shard) => join(dirname(indexPath), shard) },
): Promise<Checkpoint> {
  const weightMap = await readShardIndex(indexPath);
  const shards = new Map<string, Checkpoint>();
  try {
    for (const shard of new Set(weightMap.values())) {
      shards.set(shard, await openSafetensorsFile(await shardPath(places.folder, places.path(shard))));
    }
    checkIndex(indexPath, weightMap, shards);
  } catch (error) {
    await closeAll(shards);
    throw error;
  }
  return new ShardedCheckpoint(indexPath, weightMap, shards);
}

class ShardedCheckpoint implements Checkpoint {
  readonly names: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;

  readonly #weightMap: WeightMap;
  readonly #shards: ReadonlyMap<string, Checkpoint>;

  constructor(
    readonly path: string,
    weightMap: WeightMap,
    shards: ReadonlyMap<string, Checkpoint>,
  ) {
    this.#weightMap = weightMap;
    this.#shards = shards;
    this.names = [...weightMap.keys()];
    this.metadata = Object.assign({}, ...[...shards.values()].map((shard) => shard.metadata));
  }

  has(name: string): boolean {
    return this.#weightMap.has(name);
  }

  info(name: string): TensorInfo {
    return this.#shardOf(name).info(name);
  }

  place(name: string): StoredPlace | undefined {
    return this.#shardOf(name).place(name);
  }

  async read(name: string): Promise<CheckpointTensor> {
    return this.#shardOf(name).read(name);
  }

  async close(): Promise<void> {
    await closeAll(this.#shards);
  }

  #shardOf(name: string): Checkpoint {
    const shard = this.#weightMap.get(name);
    if (shard === undefined) throw unknownTensor(this, name);
    return this.#shards.get(shard)!;
  }
}

/** Every tensor is in the shard where the index has it, and nowhere else. */
function checkIndex(where: string, weightMap: WeightMap, shards: ReadonlyMap<string, Checkpoint>): void {
  for (const [name, shard] of weightMap) {
    if (shards.get(shard)!.has(name)) continue;
    const place = [...shards].find(([, other]) => other.has(name))?.[0];
    const received = place === undefined ? 'it nowhere' : `it in ${place}`;
    throw new FileFormatError({ where, expected: `the tensor "${name}" in ${shard}`, received });
  }
  for (const [shard, { names }] of shards) {
    const stray = names.find((name) => weightMap.get(name) !== shard);
    if (stray === undefined) continue;
    const received = `"${stray}" in ${shard}, which the index has ${weightMap.has(stray) ? 'elsewhere' : 'nowhere'}`;
    throw new FileFormatError({ where, expected: 'an index of all tensors in its shards', received });
  }
}

async function closeAll(shards: ReadonlyMap<string, Checkpoint>): Promise<void> {
  await Promise.all([...shards.values()].map((shard) => shard.close()));
}
