import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { asStorageError } from '../errors';
import { isPath, requireArgument } from '../require-argument';
import { removeLeftovers, temporaryPath } from './temporary-path';

/**
 * Writes a file so that a reader, also after a crash, finds either its old content or all of the new. Where it cannot be
 * written, the old content stays, and nothing else.
 *
 * @throws StorageError
 */
export async function replaceFile(path: string, content: Uint8Array | string): Promise<void> {
  requireArgument(isPath(path), 'replaceFile', 'the path of a file', path);
  const temporary = temporaryPath(path);
  try {
    await removeLeftovers(path);
    await writeDurably(temporary, content);
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined); // what went wrong first is what matters
    throw asStorageError(error, path);
  }
}

/** Writes a new file and waits until it is on the disk. @throws StorageError, also if there is something of that name */
export async function writeDurably(path: string, content: Uint8Array | string): Promise<void> {
  try {
    const file = await open(path, 'wx');
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    throw asStorageError(error, path);
  }
}

/** Waits until the entries of a folder (a rename, say) are on the disk. Windows has no such call and needs none. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
