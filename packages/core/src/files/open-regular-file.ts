import { constants, type Stats } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { asStorageError, FileFormatError } from '../errors';

/** A file that is open for reading. */
export interface RegularFile {
  readonly file: FileHandle;
  /** In bytes, when it was opened. */
  readonly length: number;
  /** The file as it was when it was opened, so that another one in its place is noticed. */
  readonly version: { readonly inode: number; readonly size: number; readonly modifiedMs: number };
}

/** How files are opened: a pipe that takes the place of a file at the last moment does not block. Windows has no such flag. */
export const readOnly = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/**
 * Opens a file for reading. It never waits: what is no file (a folder, a pipe, a socket, a device) is refused before it is
 * opened.
 *
 * @throws FileFormatError for what is no file
 * @throws StorageError for a file that is not there or cannot be opened
 */
export async function openRegularFile(path: string): Promise<RegularFile> {
  let file: FileHandle | undefined;
  try {
    requireRegular(await stat(path), path); // to open a device may already do something
    file = await open(path, readOnly);
    const stats = await file.stat();
    requireRegular(stats, path);
    const { ino, size, mtimeMs } = stats;
    return { file, length: size, version: { inode: ino, size, modifiedMs: mtimeMs } };
  } catch (error) {
    await file?.close();
    throw asStorageError(error, path, toBeRead);
  }
}

/** What is expected of a path that is read. */
export const toBeRead = 'a file that can be read';

/** @throws FileFormatError for what is no file */
export function requireRegular(stats: Stats, path: string): void {
  if (stats.isFile()) return;
  throw new FileFormatError({ where: path, expected: 'a file', received: kindOf(stats) });
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a folder';
  if (stats.isFIFO()) return 'a pipe';
  return stats.isSocket() ? 'a socket' : 'a device';
}
