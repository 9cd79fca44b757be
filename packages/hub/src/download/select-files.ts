import { NotFoundError } from '../errors/download-error';
import type { DownloadOptions } from './download-options';

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
    const found = available.filter(entry.includes('*') ? matcher(entry) : (name) => name === entry);
    if (found.length === 0 && !entry.includes('*')) {
      throw new NotFoundError({ where, expected: `one of its ${available.length} files`, received: `"${entry}"` });
    }
    for (const name of found) selected.add(name);
  }
  return [...selected];
}

function matcher(pattern: string): (name: string) => boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  const whole = new RegExp(`^${parts.join('.*')}$`, 's');
  return (name) => whole.test(name);
}
