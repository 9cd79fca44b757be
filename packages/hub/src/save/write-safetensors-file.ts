import { rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { asStorageError, FileFormatError, isPath, isRecord, requireArgument, StorageError } from '@polymodal/core';
import { removeLeftovers, syncFolder, temporaryPath, writeSafetensors } from '@polymodal/core/node';
import { openSafetensorsFile } from '../checkpoint/open-safetensors-file';
import { streamTensor } from './stream-tensor';
import { planTensors, type TensorToSave } from './tensor-to-save';

/**
 * Writes one safetensors file. It takes its name when it is complete and on the disk; another safetensors file of that name is
 * replaced then, and nothing else is.
 *
 * @throws ConfigError, ShapeError for what the format cannot hold; nothing is left behind
 * @throws StorageError if the file system does not take the file, a full disk for one, or there is something else of that name
 */
export async function writeSafetensorsFile(
  path: string,
  tensors: ReadonlyMap<string, TensorToSave>,
  metadata: Readonly<Record<string, string>> = { format: 'pt' },
): Promise<void> {
  requireArgument(isPath(path), 'writeSafetensorsFile', 'the path of a file', path);
  requireArgument(isRecord(metadata), 'writeSafetensorsFile, metadata', 'an object of texts', metadata);
  const planned = planTensors(tensors);
  await requireReplaceable(path);
  const temporary = temporaryPath(path);
  try {
    await removeLeftovers(path);
    await writeSafetensors(temporary, planned.map(streamTensor), metadata);
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw asStorageError(error, path);
  }
}

async function requireReplaceable(path: string): Promise<void> {
  try {
    await (await openSafetensorsFile(path)).close();
  } catch (cause) {
    if (cause instanceof StorageError && cause.systemCode === 'ENOENT') return;
    if (!(cause instanceof FileFormatError)) throw cause;
    throw new StorageError({
      where: path,
      expected: 'a free place, or a safetensors file',
      received: 'something else of that name',
      hint: 'Move it away, or name another file.',
      cause,
    });
  }
}
