import { isPath, requireArgument } from '../../require-argument';
import type { FolderKind } from './folder-kind';
import { FormerFiles } from './former-files';
import { holdFolder } from './hold-folder';
import { putInPlace } from './put-in-place';
import { requireNew } from './require-new';
import { statOf } from './stat-of';

/**
 * Makes sure that a folder can be written as one of a kind, before the work whose result it is for. What a killed writer had
 * begun to put in place there is put in place.
 *
 * @throws StorageError for a folder with files of others and none of this kind, and for a file that was changed since
 * @throws LockedError while a writer is at work on it
 */
export async function requirePlace(directory: string, kind: FolderKind): Promise<void> {
  requireArgument(isPath(directory), 'directory', 'the path of a folder', directory);
  if (!(await statOf(directory))) return;
  const held = await holdFolder(directory);
  try {
    await putInPlace(held, kind);
    const former = await FormerFiles.read(held, kind);
    if (!former) await requireNew(held, kind);
    for (const name of Object.keys(former?.files ?? {})) await former?.requirePlace(name);
  } finally {
    await held.release();
  }
}
