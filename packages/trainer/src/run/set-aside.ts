import { constants, copyFileSync } from 'node:fs';
import { asStorageError } from '@polymodal/core';

/**
 * Copies a file that is not as it was left, before it is mended.
 *
 * @param path   of the file
 * @param copyOf how its copies are called, by a number from 1
 * @returns the copy
 * @throws StorageError
 */
export function setAside(path: string, copyOf: (number: number) => string): string {
  for (let number = 1; ; number++) {
    const copy = copyOf(number);
    try {
      copyFileSync(path, copy, constants.COPYFILE_EXCL);
      return copy;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw asStorageError(error, copy);
    }
  }
}
