import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StateError } from '../../errors';
import { readRegularFile } from '../../files';
import { committedName, type FolderKind, longestManifest } from './folder-kind';
import { workshopName } from './hold-folder';
import type { WrittenFiles } from './written-files';

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
    const requireUnchanged = async () => {
      if (await isUnchanged()) return;
      throw new StateError({ where: directory, expected: 'files of one moment', received: 'a folder that changes' });
    };
    try {
      const stale = await staleFiles(directory, kind);
      const path = (name: string) => {
        const aside = join(committed, name);
        return existsSync(aside) || stale.has(name) ? aside : join(directory, name);
      };
      return await read({ path, requireUnchanged });
    } catch (error) {
      const isBeingPutInPlace = existsSync(committed); // a file may have moved between the look and its opening
      if (attempt === mostAttempts || (!isBeingPutInPlace && (await isUnchanged()))) throw error;
      await sleep(pause);
    }
  }
}

/** Files of the former call that are there only because they are yet to be removed. */
async function staleFiles(directory: string, kind: FolderKind): Promise<Set<string>> {
  const committed = await listedIn(join(directory, workshopName, committedName(kind)), kind);
  if (committed === undefined) return new Set();
  const former = (await listedIn(directory, kind)) ?? {};
  return new Set(Object.keys(former).filter((name) => !Object.hasOwn(committed, name)));
}

async function listedIn(folder: string, kind: FolderKind): Promise<WrittenFiles | undefined> {
  const path = join(folder, kind.manifest);
  if (!existsSync(path)) return undefined;
  return kind.listed(await readRegularFile(path, { maxBytes: longestManifest }));
}

/** Differs before and after anything was put in force or in place. */
async function version(directory: string, kind: FolderKind): Promise<string> {
  const committed = join(directory, workshopName, committedName(kind));
  const paths = [committed, join(committed, kind.manifest), join(directory, kind.manifest)];
  const stats = await Promise.all(paths.map((path) => stat(path, { bigint: true }).catch(() => undefined)));
  return stats.map((s) => (s ? `${s.dev}:${s.ino}:${s.size}:${s.ctimeNs}` : 'none')).join(' ');
}
