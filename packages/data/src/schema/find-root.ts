import { readdir, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import type { SampledRow } from './sample-rows';

/** Of so many files it is looked whether they lie in a folder. */
const lookedFor = 5;
/** In so many folders. */
const lookedIn = 100;

/**
 * The folder beside a table in which its files lie, where they do not lie beside it: `clips` of Common Voice. Undefined where there is none, or
 * where there are several.
 *
 * @param rows rows whose files are not where their paths say
 */
export async function findRoot(rows: readonly SampledRow[], place: number): Promise<string | undefined> {
  const named = rows.flatMap(({ cells, folder }) => {
    const cell = cells[place];
    return typeof cell === 'string' && !isAbsolute(cell) ? [{ name: cell.trim(), folder }] : [];
  });
  const [first] = named;
  if (!first || named.some(({ folder }) => folder !== first.folder)) return undefined;
  const entries = await readdir(first.folder, { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).slice(0, lookedIn);
  const having: string[] = [];
  for (const { name: root } of folders) {
    const there = named.slice(0, lookedFor).map(({ name }) => isFile(join(first.folder, root, name)));
    if ((await Promise.all(there)).every(Boolean)) having.push(root);
  }
  return having.length === 1 ? having[0] : undefined;
}

function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
