import { describeValue } from '@polymodal/core';
import { NotFoundError } from '../errors/download-error';
import type { DownloadOptions } from './download-options';
import { fitsGlob } from './fits-glob';

/**
 * The files that are wanted, of those that there are.
 *
 * @param where how the error calls the repository
 * @throws NotFoundError for a name that is not there
 */
export function selectFiles(available: readonly string[], files: DownloadOptions['files'], where: string): string[] {
  if (files === undefined) return [...available];
  const wanted = typeof files === 'function' ? files(available) : files;
  const selected = new Set<string>();
  for (const entry of wanted) {
    const found = available.filter((name) => fitsGlob(name, entry));
    if (found.length === 0 && !entry.includes('*')) {
      throw new NotFoundError({
        where,
        expected: `one of its ${available.length} files`,
        received: describeValue(entry),
      });
    }
    for (const name of found) selected.add(name);
  }
  return [...selected];
}
