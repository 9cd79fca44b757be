import { isRecord, requireArgument } from '@polymodal/core';
import { type WriteShardsOptions, writeFolder, writeShards } from '@polymodal/core/node';
import { checkpointManifest, isWeightFile, weightsFolder } from './checkpoint-folder';
import { streamTensor } from './stream-tensor';
import { planTensors, type TensorToSave } from './tensor-to-save';

/** Options of {@link saveCheckpoint}. */
export type SaveCheckpointOptions = WriteShardsOptions;

/**
 * Saves tensors into a folder in Hugging Face layout: `model.safetensors`, or shards and their index. Weights that were saved there
 * before are replaced when the new ones are complete; whoever reads them, also after a crash, finds the old weights or the new ones.
 * What was saved stands in `.polymodal.json`: other files are never replaced.
 *
 * ```ts
 * const bias = { shape: [3], data: Float32Array.of(1, 2, 3), dtype: 'BF16' } as const;
 * await saveCheckpoint('out', new Map([['head.bias', bias]]));
 * ```
 *
 * @returns the names of the files, the index last
 * @throws ConfigError, ShapeError for what the format cannot hold, tensors that share memory, or a shard size of no bytes
 * @throws StorageError if the file system does not take the files, or there are weights that were not saved here
 * @throws LockedError while another process saves there
 */
export async function saveCheckpoint(
  directory: string,
  tensors: ReadonlyMap<string, TensorToSave>,
  options: SaveCheckpointOptions = {},
): Promise<string[]> {
  requireArgument(isRecord(options), 'saveCheckpoint', 'an object of options', options);
  const streamed = planTensors(tensors).map(streamTensor);
  let names: string[] = [];
  await writeFolder(directory, weightsFolder, async (folder, former) => {
    const weights = await writeShards(folder, streamed, options);
    names = Object.keys(weights);
    const files = { ...(await former.present((name) => !isWeightFile(name))), ...weights };
    return { files, manifest: checkpointManifest(files) };
  });
  return names;
}
