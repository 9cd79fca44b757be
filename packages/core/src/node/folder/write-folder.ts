import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { asStorageError, StorageError } from '../../errors';
import { syncFolder, writeDurably } from '../replace-file';
import { committedName, type FolderKind } from './folder-kind';
import { FormerFiles } from './former-files';
import { type HeldFolder, holdFolder } from './hold-folder';
import { putInPlace } from './put-in-place';
import { requireNew } from './require-new';
import type { WrittenFiles } from './written-files';

/** What was written, and the content of the manifest that lists it. */
export interface WrittenFolder {
  readonly files: WrittenFiles;
  readonly manifest: string;
}

/**
 * Writes files that belong together into a folder, in place of those that were written there before. All other files stay as
 * they are.
 *
 * The new files are written aside, in the folder's `.polymodal`. They are in force from the one rename on that gives them the
 * name which {@link readFolder} looks for; then each is put in place, the manifest last. So a reader finds the former files or
 * the new ones, never some of each, also if the process is killed: the next writer goes on where it ended. Programs that know
 * nothing of manifests find no entry while several files change.
 *
 * @param write writes the files, durably, into the empty folder that it is given; those of the former call that it lists and does
 *   not write are kept
 * @throws StorageError for a folder with files of others and none of this kind, a file of another in the place of a new one, or
 *   a file system that refuses
 * @throws LockedError while another writer is at work on the folder
 */
export async function writeFolder(
  directory: string,
  kind: FolderKind,
  write: (folder: string, former: FormerFiles) => Promise<WrittenFolder>,
): Promise<WrittenFiles> {
  const held = await holdFolder(directory);
  try {
    await putInPlace(held, kind); // what a killed writer could not
    const former = (await FormerFiles.read(held, kind)) ?? (await newFolder(held, kind));
    const stage = await held.stage();
    try {
      const { files, manifest } = await write(stage, former);
      await writeDurably(join(stage, kind.manifest), manifest);
      const names = Object.keys(files).filter((name) => existsSync(join(stage, name)));
      for (const folder of new Set(names.map((name) => dirname(name)))) await syncFolder(join(stage, folder));
      for (const name of names) await former.requirePlace(name);
      await held.requireHeld();
      await rename(stage, held.workshopPath(committedName(kind)));
      await syncFolder(dirname(stage));
      await putInPlace(held, kind);
      return files;
    } catch (error) {
      throw saidOfPlace(asStorageError(error, directory), stage, directory);
    } finally {
      await rm(stage, { recursive: true, force: true }).catch(() => undefined); // there is none if all went well
    }
  } catch (error) {
    throw asStorageError(error, directory);
  } finally {
    await held.release();
  }
}

/** A fault of a file that is written aside is told of the place that it is for. */
function saidOfPlace(error: unknown, stage: string, directory: string): unknown {
  if (!(error instanceof StorageError) || !error.where?.startsWith(stage)) return error;
  return error.at(join(directory, error.where.slice(stage.length)));
}

async function newFolder(held: HeldFolder, kind: FolderKind): Promise<FormerFiles> {
  await requireNew(held, kind);
  return FormerFiles.none(held, kind);
}
