import { extname } from 'node:path';
import { UsageError } from './usage-error';

/**
 * Makes sure that the name of a new file says what is in it.
 *
 * @param option how errors call it: `--out`
 * @param endings those that it may have; the first is proposed
 * @throws UsageError for another one
 */
export function requireEnding(path: string, option: string, endings: readonly string[]): void {
  const ending = extname(path);
  if (endings.includes(ending.toLowerCase())) return;
  throw new UsageError({
    where: option,
    expected: `a name that ends with ${endings.join(' or ')}`,
    received: JSON.stringify(path),
    hint: `For example: ${option} ${path.slice(0, path.length - ending.length)}${endings[0]}`,
  });
}
