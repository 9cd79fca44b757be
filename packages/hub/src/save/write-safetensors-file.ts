import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { asStorageError, ConfigError, encodeSafetensorsHeader } from '@polymodal/core';
import { syncFolder } from '@polymodal/core/node';
import { elementEncoders } from './element-encoders';
import { temporaryPath } from './temporary-path';
import { checkLength, type PlannedTensor, planTensors, type TensorToSave } from './tensor-to-save';

/** How many values are encoded at a time. */
const chunkLength = 1 << 18;

/** What tells Python's transformers that the tensors are PyTorch's. */
export const pytorchMetadata: Readonly<Record<string, string>> = { format: 'pt' };

/**
 * Writes one safetensors file. It takes its name when it is complete and on the disk; one that is there already is replaced.
 *
 * @throws ConfigError, ShapeError for what the format cannot hold; nothing is left behind
 * @throws StorageError if the file system does not take the file, a full disk for one
 */
export async function writeSafetensorsFile(
  path: string,
  tensors: ReadonlyMap<string, TensorToSave>,
  metadata: Readonly<Record<string, string>> = pytorchMetadata,
): Promise<void> {
  const temporary = temporaryPath(path);
  await writeTensors(temporary, planTensors(tensors), metadata);
  try {
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true });
    throw asStorageError(error, path);
  }
}

/** Writes a file durably, or leaves none. */
export async function writeTensors(
  path: string,
  tensors: readonly PlannedTensor[],
  metadata: Readonly<Record<string, string>>,
): Promise<void> {
  const inOrder = [...tensors].sort(byAlignment);
  const header = encodeSafetensorsHeader(inOrder, metadata);
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'wx');
    await writeFully(file, header);
    for (const tensor of inOrder) await writeTensor(file, tensor);
    await file.sync();
    await file.close();
  } catch (error) {
    await file?.close();
    if (file) await rm(path, { force: true });
    throw asStorageError(error, path);
  }
}

/** Wider types first, so that every tensor begins at a multiple of its type's size, as the field's writer has it. */
function byAlignment(a: PlannedTensor, b: PlannedTensor): number {
  const width = ({ byteLength, shape }: PlannedTensor) => byteLength / shape.reduce((all, length) => all * length, 1);
  return (width(b) || 0) - (width(a) || 0) || (a.name < b.name ? -1 : 1);
}

async function writeTensor(file: FileHandle, { name, data, shape, dtype }: PlannedTensor): Promise<void> {
  const where = `tensor "${name}"`;
  const values = typeof data === 'function' ? await data() : data;
  checkLength(values, shape, where);
  for (let start = 0; start < values.length; start += chunkLength) {
    const encoded = elementEncoders[dtype]!(values.subarray(start, start + chunkLength));
    if (encoded === undefined || 'misfit' in encoded) {
      const received = encoded === undefined ? `a ${values.constructor.name}` : String(encoded.misfit);
      throw new ConfigError({ where, expected: `values that ${dtype} holds`, received });
    }
    await writeFully(file, encoded.bytes);
  }
}

async function writeFully(file: FileHandle, bytes: Uint8Array): Promise<void> {
  let done = 0;
  while (done < bytes.length) done += (await file.write(bytes, done)).bytesWritten;
}
