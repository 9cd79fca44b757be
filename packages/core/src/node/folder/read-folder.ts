import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StateError } from '../../errors';
import { committedName, type FolderKind } from './folder-kind';
import { workshopName } from './hold-folder';

/** A folder that {@link writeFolder} wrote, as it was at one moment. */
export interface FolderView {
  /** Where a file is to be read: aside, until it is put in place. */
  path(name: string): string;
  /** To be called when all is opened that is to be of one moment. @throws StateError if a writer came in between */
  requireUnchanged(): Promise<void>;
}

const mostAttempts = 50;
const pause = 10;

/**
 * Reads files that belong together, from a folder that others may write meanwhile. What fails because they did is tried again.
 *
 * @param read may be called several times
 */
export async function readFolder<T>(
  directory: string,
  kind: FolderKind,
  read: (view: FolderView) => Promise<T>,
): Promise<T> {
  const committed = join(directory, workshopName, committedName(kind));
  for (let attempt = 1; ; attempt++) {
    const before = await version(directory, kind);
    const isUnchanged = async () => (await version(directory, kind)) === before;
    const view: FolderView = {
      path: (name) => [join(committed, name)].find((path) => existsSync(path)) ?? join(directory, name),
      async requireUnchanged() {
        if (await isUnchanged()) return;
        throw new StateError({ where: directory, expected: 'files of one moment', received: 'a folder that changes' });
      },
    };
    try {
      return await read(view);
    } catch (error) {
      const isBeingPutInPlace = existsSync(committed); // a file may have moved between the look and its opening
      if (attempt === mostAttempts || (!isBeingPutInPlace && (await isUnchanged()))) throw error;
      await sleep(pause);
    }
  }
}

/** Differs before and after anything was put in force or in place. */
async function version(directory: string, kind: FolderKind): Promise<string> {
  const committed = join(directory, workshopName, committedName(kind));
  const paths = [committed, join(committed, kind.manifest), join(directory, kind.manifest)];
  const stats = await Promise.all(paths.map((path) => stat(path, { bigint: true }).catch(() => undefined)));
  return stats.map((s) => (s ? `${s.dev}:${s.ino}:${s.size}:${s.ctimeNs}` : 'none')).join(' ');
}
