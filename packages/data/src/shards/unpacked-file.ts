import { close, createReadStream, fstatSync, openSync, read, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createGunzip } from 'node:zlib';
import { asStorageError, FileFormatError } from '@polymodal/core';
import { openRegularFile } from '@polymodal/core/node';
import type { ByteSource } from '../files/byte-source';

/** Nothing that media are made of is compressed so well; what is, is made to fill the disk. */
const mostTimes = 200;

/**
 * Unpacks a file of gzip, whose parts can then be read in any order. It lies on the disk without a name, so that the system frees its space
 * when it is no longer used, or the process ends, however it ends.
 *
 * @throws FileFormatError for a file that is none, cut short, or 200 times as long unpacked
 * @throws StorageError for a full disk
 */
export async function unpack(path: string): Promise<ByteSource> {
  const { file, length } = await openRegularFile(path);
  await file.close();
  const descriptor = unnamedFile();
  let unpacked = 0;
  let isTooLong = false;
  try {
    await pipeline(createReadStream(path), createGunzip(), async (parts: AsyncIterable<Uint8Array>) => {
      for await (const part of parts) {
        for (let done = 0; done < part.length; ) done += writeSync(descriptor, part, done);
        unpacked += part.length;
        isTooLong = unpacked > mostTimes * (length + 2 ** 16);
        if (isTooLong) return; // what unpacks is stopped
      }
    });
  } catch (error) {
    close(descriptor);
    throw isTooLong ? tooLong(path) : unpackingError(error, path);
  }
  const source: ByteSource = {
    path,
    length: fstatSync(descriptor).size,
    read: (start, end) => readPart(descriptor, start, end, path),
  };
  abandoned.register(source, descriptor);
  return source;
}

const abandoned = new FinalizationRegistry((descriptor: number) => close(descriptor));

function unnamedFile(): number {
  const name = join(tmpdir(), `polymodal-${process.pid}-${crypto.randomUUID()}`);
  try {
    const descriptor = openSync(name, 'wx+', 0o600);
    rmSync(name);
    return descriptor;
  } catch (error) {
    throw asStorageError(error, name);
  }
}

const readDescriptor = promisify(read);

async function readPart(
  descriptor: number,
  start: number,
  end: number,
  path: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(end - start);
  try {
    for (let done = 0; done < bytes.length; ) {
      const { bytesRead } = await readDescriptor(descriptor, bytes, done, bytes.length - done, start + done);
      if (bytesRead === 0)
        throw new FileFormatError({ where: path, expected: `${end} bytes`, received: `${start + done}` });
      done += bytesRead;
    }
  } catch (error) {
    throw asStorageError(error, path, 'a file that can be read');
  }
  return bytes;
}

function tooLong(path: string): FileFormatError {
  return new FileFormatError({
    where: path,
    expected: `a file at most ${mostTimes} times as long unpacked`,
    received: 'a longer one',
  });
}

function unpackingError(error: unknown, path: string): unknown {
  const { code = '' } = error as NodeJS.ErrnoException;
  if (!/^Z_/.test(code)) return asStorageError(error, path, 'a file that can be unpacked, and room for it');
  return new FileFormatError({
    where: path,
    expected: 'a file of gzip',
    received: `one of which the decoder says: ${(error as Error).message}`,
    hint: 'The file is damaged, cut short, or no gzip.',
    cause: error,
  });
}
