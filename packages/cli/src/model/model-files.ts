import { readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** A file of a model's folder. */
export interface ModelFile {
  /** By its path from the folder. */
  readonly name: string;
  readonly bytes: number;
}

/** The files of a folder and of those in it, by their names. */
export async function modelFiles(folder: string): Promise<ModelFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const files = paths.map(async (path) => ({ name: relative(folder, path), bytes: (await stat(path)).size }));
  return (await Promise.all(files)).sort((a, b) => (a.name < b.name ? -1 : 1));
}
