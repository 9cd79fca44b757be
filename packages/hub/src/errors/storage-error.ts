import { PolymodalError } from '@polymodal/core';

/** A file system that does not take what it should: a full disk, no right to write, a folder that is none. */
export class StorageError extends PolymodalError {
  readonly code = 'STORAGE';
}

/** What to throw for a caught error: that of a call to the file system becomes ours, any other stays what it is. */
export function asStorageError(error: unknown, where: string): unknown {
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  if (PolymodalError.isInstance(error) || syscall === undefined) return error;
  const isFull = code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG';
  return new StorageError({
    where,
    expected: 'a file system that takes the file',
    received: isFull ? `a full one (${code})` : message,
    ...(isFull && { hint: 'Make room, or name a folder on another disk.' }),
    cause: error,
  });
}
