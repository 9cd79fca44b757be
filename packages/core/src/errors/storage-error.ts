import { describeValue } from '../describe-value';
import { PolymodalError } from './polymodal-error';

/**
 * A file system that does not do what was asked of it: a full disk, no right to write, no file of that name, a folder that
 * another process is writing.
 */
export class StorageError extends PolymodalError {
  static override readonly code: string = 'STORAGE';

  /** What the system calls the fault, `ENOSPC` say; undefined where the fault is not the system's. */
  get systemCode(): string | undefined {
    const { code } = (this.cause ?? {}) as { code?: unknown };
    return typeof code === 'string' && /^E[A-Z0-9]+$/.test(code) ? code : undefined;
  }
}

/**
 * What to throw for a caught error: that of a call to the file system becomes a {@link StorageError}, any other stays what it
 * is.
 *
 * @param where    the file or folder
 * @param expected what the call was to do
 */
export function asStorageError(error: unknown, where: string, expected = 'a file system that takes the file'): unknown {
  if (PolymodalError.isInstance(error) || !(error instanceof Error)) return error;
  const { code, syscall } = error as { code?: unknown; syscall?: unknown };
  if (typeof code !== 'string' || (syscall === undefined && !Object.hasOwn(faults, code))) return error;
  const [received, hint] = code === 'ENOENT' ? missing(where) : (faults[code] ?? [error.message]);
  return new StorageError({
    where: typeof where === 'string' ? where : describeValue(where), // what came as a path may be none
    expected,
    received: `${received} (${code})`,
    ...(hint !== undefined && { hint }),
    cause: error,
  });
}

const full: Fault = ['a full one', 'Make room, or name a folder on another disk.'];
const forbidden: Fault = [
  'no permission',
  'Change the permissions of the file or folder, or run as a user who has them.',
];
const busy: Fault = ['one that another program is using', 'Close that program, then try again.'];
const tooMany: Fault = ['too many open files', 'Open fewer at a time, or raise the limit ("ulimit -n").'];

/** What came, and what to do. */
type Fault = readonly [received: string, hint?: string | undefined];

const faults: Readonly<Record<string, Fault>> = {
  ENOSPC: full,
  EDQUOT: full,
  EFBIG: ['a limit on the size of files', 'Raise the limit ("ulimit -f"), or name a folder on another file system.'],
  EACCES: forbidden,
  EPERM: forbidden,
  EROFS: ['one that is read-only', 'Name a folder on another file system.'],
  EMFILE: tooMany,
  ENFILE: tooMany,
  EBUSY: busy,
  ETXTBSY: busy,
  EISDIR: ['a folder of that name', 'Name a file.'],
  ENOTDIR: ['a path through a file as if it were a folder'],
  EEXIST: ['something else of that name'],
  ENOTEMPTY: ['a folder of that name that is not empty'],
  ENAMETOOLONG: ['a name that is too long'],
  ELOOP: ['symbolic links that lead to one another'],
  EIO: ['a fault of the device', 'Check the disk.'],
  ERR_INVALID_ARG_VALUE: ['a path that no file can have'],
  ERR_INVALID_ARG_TYPE: ['something that is no path'],
};

function missing(path: string): Fault {
  const isAbsolute = /^([/\\]|[A-Za-z]:)/.test(path);
  const hint = 'Relative paths start from the working directory of the process.';
  return ['no file or folder of that name', isAbsolute ? undefined : hint];
}
