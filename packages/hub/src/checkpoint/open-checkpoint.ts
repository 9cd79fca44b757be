import { existsSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { FileFormatError } from '@polymodal/core';
import type { Checkpoint } from './checkpoint';
import { openSafetensorsFile } from './open-safetensors-file';
import { openShardedCheckpoint } from './open-sharded-checkpoint';

/** Names of the weights in a Hugging Face folder, in the order in which they are looked for. */
const weightFileNames = ['model.safetensors', 'model.safetensors.index.json'] as const;

/**
 * Opens a checkpoint: a safetensors file, an index of shards, or a folder with `model.safetensors` or
 * `model.safetensors.index.json`.
 *
 * @throws FileFormatError for weights that are missing, malformed or in another format
 */
export async function openCheckpoint(path: string): Promise<Checkpoint> {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return openFile(path);
  const found = weightFileNames.map((name) => join(path, name)).find((candidate) => existsSync(candidate));
  if (found === undefined) throw await noWeights(path);
  return openFile(found);
}

function openFile(path: string): Promise<Checkpoint> {
  return path.endsWith('.json') ? openShardedCheckpoint(path) : openSafetensorsFile(path);
}

async function noWeights(folder: string): Promise<FileFormatError> {
  const files = await readdir(folder);
  const pickled = files.filter((name) => /^pytorch_model.*\.bin(\.index\.json)?$/.test(name));
  return new FileFormatError({
    where: folder,
    expected: `a folder with ${weightFileNames.join(' or ')}`,
    received: pickled.length > 0 ? `weights as a Python pickle (${pickled[0]})` : 'a folder without',
    ...(pickled.length > 0 && { hint: `Convert them with one line of Python: ${conversion(folder)}` }),
  });
}

/** Keeps every tensor under its own name, as the pickle has it; tensors that share memory become copies. */
function conversion(folder: string): string {
  const files = JSON.stringify(`${folder}/pytorch_model*.bin`);
  const target = JSON.stringify(`${folder}/model.safetensors`);
  return (
    `python -c 'import glob, torch; from safetensors.torch import save_file; ` +
    `save_file({k: v.clone().contiguous() for f in glob.glob(${files}) ` +
    `for k, v in torch.load(f, map_location="cpu", weights_only=True).items()}, ${target}, {"format": "pt"})'`
  );
}
