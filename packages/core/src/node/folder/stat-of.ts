import type { Stats } from 'node:fs';
import { lstat } from 'node:fs/promises';

/** What there is at a path, a link not followed; undefined for nothing. */
export function statOf(path: string): Promise<Stats | undefined> {
  return lstat(path).catch((error) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });
}
