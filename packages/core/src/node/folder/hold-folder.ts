import { randomUUID } from 'node:crypto';
import { mkdir, readdir, realpath, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { asStorageError, LockedError, StorageError } from '../../errors';
import { isPath, requireArgument } from '../../require-argument';
import { acquireLock, type HeldLock, type LockOptions } from '../lock/file-lock';
import { syncFolder, writeDurably } from '../replace-file';
import { makeFolder } from './make-folder';
import { statOf } from './stat-of';

/** The folder within a folder that its writers have for themselves: nothing in it is a user's. */
export const workshopName = '.polymodal';

/**
 * Holds a folder, of all writers alone, until it is released or the process ends. The folder is made if it is not there.
 *
 * What it takes stands in `.polymodal` in that folder: the lock, and what is being written. What a killed writer left there is
 * removed; `.polymodal` goes with the last of it.
 *
 * @throws LockedError if another writer holds it and `wait` is not asked for
 * @throws ConfigError for what is no path, StorageError if the file system refuses
 */
export async function holdFolder(directory: string, options: LockOptions = {}): Promise<HeldFolder> {
  requireArgument(isPath(directory), 'directory', 'the path of a folder', directory);
  try {
    const isNew = await makeFolder(directory);
    const real = await realpath(directory); // a link to a folder stays one
    await requireWorkshop(real);
    const lock = await acquireLock(join(real, workshopName, 'lock'), options);
    const held = new HeldFolder(real, lock, isNew);
    if (!lock.isDoubtful) await held.removeLeftovers();
    return held;
  } catch (error) {
    throw error instanceof LockedError ? error.at(directory) : asStorageError(error, directory);
  }
}

/** What is in the folder must be in it, not where a link leads: nothing there is a user's. @throws StorageError */
async function requireWorkshop(directory: string): Promise<void> {
  const path = join(directory, workshopName);
  const stats = await statOf(path);
  if (!stats || stats.isDirectory()) return;
  throw new StorageError({
    where: path,
    expected: 'no entry of that name, or the folder that writers of the folder around it make for themselves',
    received: stats.isSymbolicLink() ? 'a symbolic link' : 'something that is no folder',
    hint: 'Move it away, or name another folder.',
  });
}

/** A folder that no other process writes. */
export class HeldFolder {
  readonly #lock: HeldLock;
  readonly #isNew: boolean;

  constructor(
    /** Its real path. */
    readonly directory: string,
    lock: HeldLock,
    isNew: boolean,
  ) {
    this.#lock = lock;
    this.#isNew = isNew;
  }

  /** Where a file of the folder is. */
  path(name: string): string {
    return join(this.directory, name);
  }

  /** Where what is being written stands. */
  workshopPath(name: string): string {
    return join(this.directory, workshopName, name);
  }

  /** A new, empty folder for what is being written. It goes if its writer is killed. */
  async stage(): Promise<string> {
    const folder = this.workshopPath(randomUUID());
    await mkdir(folder).catch((error) => {
      throw asStorageError(error, folder);
    });
    return folder;
  }

  /** Puts a file in place: whoever reads it, also after a crash, finds its old content or all of the new. @throws StorageError */
  async replaceFile(name: string, content: Uint8Array | string): Promise<void> {
    const temporary = this.workshopPath(randomUUID());
    try {
      await writeDurably(temporary, content);
      await rename(temporary, this.path(name));
      await syncFolder(dirname(this.path(name)));
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw error instanceof StorageError ? error.at(this.path(name)) : asStorageError(error, this.path(name));
    }
  }

  /**
   * @throws LockedError if another took the lock over, as from a process that was stopped for long
   * @throws StorageError if the folder was moved or removed
   */
  async requireHeld(): Promise<void> {
    if (await this.#lock.isHeld()) return;
    if (!(await statOf(this.directory))) {
      const received = 'none: it was moved or removed meanwhile';
      throw new StorageError({ where: this.directory, expected: 'the folder that is being written', received });
    }
    throw new LockedError({
      where: this.directory,
      expected: 'its lock',
      received: 'that of another, who took it over',
    });
  }

  async release(): Promise<void> {
    await this.#lock.release();
    await removeIfEmpty(this.workshopPath(''));
    if (this.#isNew) await removeIfEmpty(this.directory); // nothing came of it
  }

  /** Removes what killed writers left: names that only we give, in a folder that only we have. */
  async removeLeftovers(): Promise<void> {
    for (const name of await readdir(this.workshopPath(''))) {
      const isOurs =
        /^(lock(\.[0-9a-f]{16})*\.)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$|^lock(\.[0-9a-f]{16})+$/.test(name);
      if (isOurs) await rm(this.workshopPath(name), { recursive: true, force: true });
    }
  }
}

async function removeIfEmpty(folder: string): Promise<void> {
  await rmdir(folder).catch(() => undefined);
}
