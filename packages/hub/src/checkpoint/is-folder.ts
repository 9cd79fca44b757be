import { statSync } from 'node:fs';
import { asStorageError } from '@polymodal/core';

/** Whether a path is that of a folder; it may be that of nothing. @throws StorageError for one that cannot be looked at */
export function isFolder(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  } catch (error) {
    throw asStorageError(error, path, 'a file or folder that can be read');
  }
}
