import { createHash } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { asStorageError, ShapeError } from '../../errors';
import { encodeSafetensorsHeader, safetensorsByteLength, type TensorToWrite } from '../../safetensors';
import type { WrittenFile } from '../folder/written-files';

/** A tensor whose bytes are fetched when their turn comes, so that no more than one tensor at a time is in memory. */
export interface StreamedTensor extends TensorToWrite {
  /** The values as the file has them (little-endian, rows one after the other), in pieces of any length. */
  bytes(): Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

/** A float32 tensor for {@link writeSafetensors}. */
export function streamedFloats(
  name: string,
  shape: readonly number[],
  values: () => Promise<Float32Array>,
): StreamedTensor {
  return {
    name,
    dtype: 'F32',
    shape,
    async *bytes() {
      const { buffer, byteOffset, byteLength } = await values();
      yield new Uint8Array(buffer, byteOffset, byteLength);
    },
  };
}

/** How many bytes are hashed and written at a time. */
const pieceBytes = 1 << 23;

/**
 * Writes a new safetensors file, tensor by tensor, and waits until it is on the disk. If anything goes wrong, none is left.
 *
 * @returns its length and checksum
 * @throws ConfigError for what the format cannot hold, ShapeError for bytes that do not fit their shape
 * @throws StorageError if the file system does not take the file, or there is something of that name
 */
export async function writeSafetensors(
  path: string,
  tensors: readonly StreamedTensor[],
  metadata: Readonly<Record<string, string>>,
): Promise<WrittenFile> {
  const inOrder = [...tensors].sort(byAlignment);
  const header = encodeSafetensorsHeader(inOrder, metadata);
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'wx');
    const sink = new HashedFile(file);
    await sink.write(header);
    for (const tensor of inOrder) await writeTensor(sink, tensor);
    await file.sync();
    await file.close();
    return { bytes: sink.length, sha256: sink.hash.digest('hex') };
  } catch (error) {
    await file?.close().catch(() => undefined);
    if (file) await rm(path, { force: true }).catch(() => undefined);
    throw asStorageError(error, path);
  }
}

/** Wider types first, so that every tensor begins at a multiple of its type's size, as the field's writer has it. */
function byAlignment(a: TensorToWrite, b: TensorToWrite): number {
  const width = ({ dtype }: TensorToWrite) => safetensorsByteLength(dtype, [8]) ?? 0;
  return width(b) - width(a) || (a.name < b.name ? -1 : 1);
}

async function writeTensor(sink: HashedFile, tensor: StreamedTensor): Promise<void> {
  const expected = safetensorsByteLength(tensor.dtype, tensor.shape)!; // the header is written: there are as many
  const end = sink.length + expected;
  for await (const piece of tensor.bytes()) {
    if (sink.length + piece.length > end) throw misfit(tensor, expected, 'more');
    await sink.write(piece);
  }
  if (sink.length < end) throw misfit(tensor, expected, `${expected - (end - sink.length)}`);
}

function misfit({ name, shape }: TensorToWrite, expected: number, received: string): ShapeError {
  return new ShapeError({ where: `tensor "${name}"`, expected: `${expected} bytes for [${shape}]`, received });
}

class HashedFile {
  readonly hash = createHash('sha256');
  length = 0;

  readonly #file: FileHandle;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let start = 0; start < bytes.length; start += pieceBytes) {
      const piece = bytes.subarray(start, start + pieceBytes);
      this.hash.update(piece);
      let done = 0;
      while (done < piece.length) done += (await this.#file.write(piece, done)).bytesWritten;
    }
    this.length += bytes.length;
  }
}
