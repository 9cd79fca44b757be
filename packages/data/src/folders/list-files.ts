import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { asStorageError, FileFormatError } from '@polymodal/core';
import { isHiddenFile } from './hidden-file';

const mostFiles = 2 ** 24;

/**
 * The files of a folder and of those within it, by their paths from it with `/`, in one order on every machine. Links are followed, to a
 * folder once; what is hidden, and what is neither a file nor a folder, is passed over.
 *
 * @throws StorageError for a folder that cannot be read
 */
export async function listFiles(folder: string): Promise<string[]> {
  const files: string[] = [];
  const seen = new Set<string>();
  const walk = async (within: string): Promise<void> => {
    const path = join(folder, within);
    const real = await realpath(path);
    if (seen.has(real)) return; // a link that leads back
    seen.add(real);
    const entries = await readdir(path, { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (isHiddenFile(entry.name)) continue;
      const own = within === '' ? entry.name : `${within}/${entry.name}`;
      const kind = entry.isSymbolicLink() ? await stat(join(folder, own)).catch(() => undefined) : entry;
      if (kind?.isDirectory()) await walk(own);
      else if (kind?.isFile()) files.push(own);
      if (files.length > mostFiles) throw tooMany(folder);
    }
  };
  try {
    await walk('');
  } catch (error) {
    throw asStorageError(error, folder, 'a folder that can be read');
  }
  return files;
}

function tooMany(folder: string): FileFormatError {
  return new FileFormatError({ where: folder, expected: `at most ${mostFiles} files`, received: 'more' });
}
