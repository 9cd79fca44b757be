import { rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readRegularFile } from '../../files';
import { syncFolder } from '../replace-file';
import { committedName, type FolderKind, longestManifest } from './folder-kind';
import { FormerFiles } from './former-files';
import type { HeldFolder } from './hold-folder';
import { makeFolder } from './make-folder';
import { statOf } from './stat-of';

/**
 * Puts the files of a commit in place, and removes those of the former one that it does not have. It does nothing where there is
 * no commit, and can be done again after a crash at any moment: until the manifest goes, last, it says what is left to do.
 *
 * @throws StorageError if something has come to stand at the place of a file
 */
export async function putInPlace(folder: HeldFolder, kind: FolderKind): Promise<void> {
  const committed = folder.workshopPath(committedName(kind));
  if (!(await statOf(committed))) return;
  if (await statOf(join(committed, kind.manifest))) await moveFiles(folder, kind, committed);
  await rm(committed, { recursive: true, force: true });
}

async function moveFiles(folder: HeldFolder, kind: FolderKind, committed: string): Promise<void> {
  const manifest = await readRegularFile(join(committed, kind.manifest), { maxBytes: longestManifest });
  const files = kind.listed(manifest) ?? {};
  const former = (await FormerFiles.read(folder, kind)) ?? FormerFiles.none(folder, kind);
  const isSame = async (name: string) => former.files[name]?.sha256 === files[name].sha256 && (await former.has(name));

  const waiting = await filtered(Object.keys(files), async (name) => !!(await statOf(join(committed, name))));
  const changed = await filtered(waiting, async (name) => !(await isSame(name)));
  const stale = await filtered(Object.keys(former.files), (name) => !Object.hasOwn(files, name) && former.has(name));
  for (const name of changed) await former.requirePlace(name);

  const isEntry = (name: string) => kind.entries?.includes(name) ?? false;
  const atOnce = changed.length + stale.length <= 1; // one rename: no other program needs to be kept away
  const entries = atOnce ? [] : [...waiting, ...stale].filter(isEntry);
  for (const name of entries) await rm(folder.path(name), { force: true });
  if (entries.length > 0) await syncFolder(folder.directory);
  for (const name of stale) await rm(folder.path(name), { force: true });
  const move = async (names: readonly string[]) => {
    for (const name of names) await moveFile(join(committed, name), folder.path(name));
    await syncFolder(folder.directory);
  };
  await move(changed.filter((name) => atOnce || !isEntry(name)));
  await move(waiting.filter((name) => entries.includes(name)));
  await move([kind.manifest]);

  async function moveFile(from: string, to: string): Promise<void> {
    await makeFolder(dirname(to));
    await rename(from, to);
    if (dirname(to) !== folder.directory) await syncFolder(dirname(to));
  }
}

async function filtered(
  names: readonly string[],
  keep: (name: string) => boolean | Promise<boolean>,
): Promise<string[]> {
  const kept: string[] = [];
  for (const name of names) if (await keep(name)) kept.push(name);
  return kept;
}
