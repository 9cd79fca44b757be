import type { Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asStorageError, describeValue, nearestNames, SampleError } from '@polymodal/core';

/**
 * The absolute path of a file that a cell names. Relative paths start from `root` and stay within it; absolute ones are taken as they are.
 * Where there is no file of that very name, one is taken whose name is written with other separators (`\` of Windows) or composes its
 * accents in the other way of Unicode (as macOS does).
 *
 * @throws SampleError for a path that leads out of `root`, or to no file
 */
export async function findFile(name: string, root: string): Promise<string> {
  const named = /^file:\/\//i.test(name) ? pathOfUrl(name) : name;
  const asked = resolve(root, named);
  const candidates = [asked, ...otherWritings(named).map((other) => resolve(root, other))];
  for (const path of new Set(candidates)) {
    if (!isAbsolute(named) && leadsOut(path, root)) throw outside(name, root);
    const stats = await statOf(path);
    if (stats === undefined) continue;
    if (stats.isFile()) return path;
    throw new SampleError({ expected: 'the path of a file', received: `${JSON.stringify(name)}, which is none` });
  }
  throw await missing(name, asked, root);
}

function pathOfUrl(url: string): string {
  try {
    return fileURLToPath(url);
  } catch (cause) {
    throw new SampleError({ expected: 'a file: address of this machine', received: describeValue(url), cause });
  }
}

function otherWritings(name: string): string[] {
  const slashed = sep === '/' ? name.replaceAll('\\', '/') : name;
  return [slashed, slashed.normalize('NFC'), slashed.normalize('NFD')];
}

function leadsOut(path: string, root: string): boolean {
  const way = relative(root, path);
  return way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way);
}

async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw asStorageError(error, path, 'a file that can be read');
  }
}

function outside(name: string, root: string): SampleError {
  return new SampleError({
    expected: `a path within ${root}`,
    received: JSON.stringify(name),
    hint: 'If that is meant, say from where paths start, with root: "..", or write absolute paths.',
  });
}

async function missing(name: string, path: string, root: string): Promise<SampleError> {
  const beside = await readdir(dirname(path)).catch(() => []);
  const [near] = nearestNames(basename(path), beside);
  const where = isAbsolute(name) ? '' : ` in ${root}`;
  return new SampleError({
    expected: `a file of that name${where}`,
    received: JSON.stringify(name),
    hint:
      near === undefined
        ? 'Paths start from the folder of the table, or from the one that the option "root" names.'
        : `Did you mean "${join(dirname(name), near)}"?`,
  });
}
