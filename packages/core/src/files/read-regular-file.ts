import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { asStorageError, FileFormatError } from '../errors';
import { requireArgument } from '../require-argument';
import { openRegularFile, readOnly, requireRegular, toBeRead } from './open-regular-file';

/** How a file is read. */
export interface ReadFileOptions {
  /** The longest file that is taken: a longer one is refused before a byte of it is read. */
  readonly maxBytes: number;
}

/**
 * The content of a file. It never waits for a pipe or reads a device without end: what is no file is refused.
 *
 * @throws FileFormatError for what is no file, and for one that is longer than `maxBytes`
 * @throws StorageError for a file that is not there or cannot be read
 */
export async function readRegularFile(path: string, options: ReadFileOptions): Promise<Uint8Array<ArrayBuffer>> {
  const maxBytes = mostBytesOf(options);
  const { file, length } = await openRegularFile(path);
  try {
    requireLength(length, maxBytes, path);
    const content = new Uint8Array(length);
    let done = 0;
    while (done < length) {
      const { bytesRead } = await file.read(content, done, Math.min(length - done, mostBytes), done);
      if (bytesRead === 0) throw cutShort(path, length, done);
      done += bytesRead;
    }
    return content;
  } catch (error) {
    throw asStorageError(error, path, toBeRead);
  } finally {
    await file.close();
  }
}

/** As {@link readRegularFile}, at once. */
export function readRegularFileSync(path: string, options: ReadFileOptions): Uint8Array<ArrayBuffer> {
  const maxBytes = mostBytesOf(options);
  let file: number | undefined;
  try {
    requireRegular(statSync(path), path);
    file = openSync(path, readOnly);
    const stats = fstatSync(file);
    requireRegular(stats, path);
    requireLength(stats.size, maxBytes, path);
    const content = new Uint8Array(stats.size);
    let done = 0;
    while (done < content.length) {
      const bytesRead = readSync(file, content, done, Math.min(content.length - done, mostBytes), done);
      if (bytesRead === 0) throw cutShort(path, content.length, done);
      done += bytesRead;
    }
    return content;
  } catch (error) {
    throw asStorageError(error, path, toBeRead);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function mostBytesOf(options: ReadFileOptions): number {
  const maxBytes = options?.maxBytes;
  requireArgument(typeof maxBytes === 'number' && maxBytes >= 0, 'maxBytes', 'a number of bytes', maxBytes);
  return maxBytes;
}

/** Node reads less than 2 GiB at a time. */
const mostBytes = 1 << 30;

function requireLength(length: number, maxBytes: number, path: string): void {
  if (length <= maxBytes) return;
  throw new FileFormatError({ where: path, expected: `a file of at most ${maxBytes} bytes`, received: `${length}` });
}

function cutShort(path: string, length: number, done: number): FileFormatError {
  return new FileFormatError({
    where: path,
    expected: `${length} bytes`,
    received: `${done}, then the end of the file`,
    hint: 'Something cuts the file short while it is read.',
  });
}
