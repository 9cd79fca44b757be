import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { asStorageError } from '../../errors';

/** The folder above may be removed by its last user just when it is needed. */
const mostAttempts = 5;

/**
 * Makes a folder, and those above it. What Node has for this does not come back from a place that takes no folders, as `/proc`.
 *
 * @returns whether it was not there before
 * @throws StorageError if it cannot be made
 */
export async function makeFolder(path: string): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    try {
      await mkdir(path);
      return true;
    } catch (error) {
      if (await isFolder(path)) return false;
      const isMissingAbove = (error as NodeJS.ErrnoException).code === 'ENOENT' && dirname(path) !== path;
      if (!isMissingAbove || attempt === mostAttempts) throw asStorageError(error, path, 'a place for a folder');
      await makeFolder(dirname(path));
    }
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}
