import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { asStorageError, FileFormatError } from '../../errors';
import { openRegularFile } from '../../files/open-regular-file';
import {
  headerPrefixLength,
  type NamedTensor,
  parseSafetensorsHeader,
  safetensorsHeaderLength,
} from '../../safetensors';
import type { WrittenFile } from '../folder/written-files';

/** How many bytes are read and hashed at a time. */
const pieceBytes = 1 << 23;

/**
 * Reads a safetensors file of float32 tensors of any size, one after the other, each into an array of its own that `take` may
 * keep.
 *
 * @param expected what the file's writer made of it
 * @throws FileFormatError for a file that is malformed, or not the one expected: then what was taken is not to be used
 * @throws StorageError for one that is not there or cannot be read
 */
export async function readSafetensors(
  path: string,
  expected: WrittenFile,
  take: (name: string, tensor: NamedTensor) => void,
): Promise<void> {
  const { file, length } = await openRegularFile(path);
  try {
    const source = new HashedSource(file, path);
    if (length !== expected.bytes) throw changed(path, `${expected.bytes} bytes`, `${length}`);
    const start = await source.next(Math.min(length, headerPrefixLength));
    const header = await source.next(safetensorsHeaderLength(start, length, path));
    const { entries } = parseSafetensorsHeader(header, length - start.length - header.length, path);
    for (const [name, { dtype, shape, begin, end }] of [...entries].sort(([, a], [, b]) => a.begin - b.begin)) {
      if (dtype !== 'F32') {
        throw new FileFormatError({ where: `${path}, tensor "${name}"`, expected: 'dtype F32', received: dtype });
      }
      const { buffer } = await source.next(end - begin);
      take(name, { shape, data: new Float32Array(buffer) });
    }
    const sha256 = source.hash.digest('hex');
    if (sha256 !== expected.sha256) throw changed(path, `the checksum ${expected.sha256}`, sha256);
  } catch (error) {
    throw asStorageError(error, path, 'a file that can be read');
  } finally {
    await file.close();
  }
}

function changed(where: string, expected: string, received: string): FileFormatError {
  const hint = 'The file is damaged, was changed, or belongs to something else.';
  return new FileFormatError({ where, expected, received, hint });
}

class HashedSource {
  readonly hash = createHash('sha256');

  readonly #file: FileHandle;
  readonly #path: string;

  constructor(file: FileHandle, path: string) {
    this.#file = file;
    this.#path = path;
  }

  async next(length: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(length);
    let done = 0;
    while (done < length) {
      const { bytesRead } = await this.#file.read(bytes, done, Math.min(pieceBytes, length - done), null);
      if (bytesRead === 0) throw changed(this.#path, `${length - done} bytes more`, 'the end of the file');
      this.hash.update(bytes.subarray(done, done + bytesRead));
      done += bytesRead;
    }
    return bytes;
  }
}
