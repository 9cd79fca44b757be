import { readdir } from 'node:fs/promises';
import { StorageError } from '../../errors';
import type { FolderKind } from './folder-kind';
import { type HeldFolder, workshopName } from './hold-folder';

/** @throws StorageError for a folder in which the first files of a kind are not to be written: it has others' */
export async function requireNew(held: HeldFolder, kind: FolderKind): Promise<void> {
  const present = (await readdir(held.directory)).filter((name) => name !== workshopName);
  const foreign = present.filter((name) => name === kind.manifest || !kind.mayStandBeside?.(name));
  const unfinished = (await readdir(held.workshopPath(''))).some((name) => name.startsWith('committed-'));
  if (foreign.length === 0 && !unfinished) return;
  throw new StorageError({
    where: held.directory,
    expected: `an empty folder, or one that ${kind.writer} wrote`,
    received: foreign.length > 0 ? `one with ${someOf(foreign)}` : 'one that another writer has not finished',
    hint: 'Name another folder. Nothing in this one was touched.',
  });
}

function someOf(names: readonly string[]): string {
  const shown = names.slice(0, 3).map((name) => (name.length > 40 ? `${name.slice(0, 39)}…` : name));
  return `${shown.join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''}`;
}
