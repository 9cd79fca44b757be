import { type FileHandle, open, stat } from 'node:fs/promises';
import { FileFormatError } from '@polymodal/core';
import type { StoredPlace } from './checkpoint';

/** A file that has been opened for reading. */
interface OpenFile {
  readonly file: FileHandle;
  readonly length: number;
  readonly version: StoredPlace['version'];
}

/** Opens a file for reading; what is no file (a folder, a pipe that would block) or cannot be opened is refused. */
export async function openRegularFile(path: string): Promise<OpenFile> {
  let file: FileHandle | undefined;
  try {
    if ((await stat(path)).isFile()) {
      file = await open(path, 'r');
      const { ino, size, mtimeMs } = await file.stat();
      return { file, length: size, version: { inode: ino, size, modifiedMs: mtimeMs } };
    }
  } catch (cause) {
    await file?.close();
    throw new FileFormatError({
      where: path,
      expected: 'a file that can be read',
      received: cause instanceof Error ? cause.message : String(cause),
      cause,
    });
  }
  throw new FileFormatError({ where: path, expected: 'a file', received: 'something else of that name' });
}
