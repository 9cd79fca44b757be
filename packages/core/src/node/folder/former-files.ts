import { dirname } from 'node:path';
import { StorageError } from '../../errors';
import { readRegularFile } from '../../files';
import { type FolderKind, longestManifest } from './folder-kind';
import type { HeldFolder } from './hold-folder';
import { statOf } from './stat-of';
import { isAsWritten, type WrittenFile, type WrittenFiles } from './written-files';

/** The files of a kind that are in place in a folder, as its manifest lists them. */
export class FormerFiles {
  readonly #folder: HeldFolder;
  readonly #kind: FolderKind;
  readonly #manifestChangedMs: number;

  private constructor(
    folder: HeldFolder,
    kind: FolderKind,
    readonly files: WrittenFiles,
    manifestChangedMs: number,
  ) {
    this.#folder = folder;
    this.#kind = kind;
    this.#manifestChangedMs = manifestChangedMs;
  }

  /** @returns undefined where there is no manifest of the kind */
  static async read(folder: HeldFolder, kind: FolderKind): Promise<FormerFiles | undefined> {
    const path = folder.path(kind.manifest);
    const stats = await statOf(path);
    if (!stats?.isFile() || stats.size > longestManifest) return undefined;
    const files = kind.listed(await readRegularFile(path, { maxBytes: longestManifest }));
    return files && new FormerFiles(folder, kind, files, stats.ctimeMs);
  }

  static none(folder: HeldFolder, kind: FolderKind): FormerFiles {
    return new FormerFiles(folder, kind, {}, 0);
  }

  /** Whether a file is there, as it was written. */
  async has(name: string): Promise<boolean> {
    if (!Object.hasOwn(this.files, name)) return false;
    return isAsWritten(this.#folder.path(name), this.files[name], this.#manifestChangedMs);
  }

  /** Those of a selection that are there, as they were written. */
  async present(select: (name: string) => boolean): Promise<WrittenFiles> {
    const present: Record<string, WrittenFile> = {};
    for (const [name, written] of Object.entries(this.files))
      if (select(name) && (await this.has(name))) present[name] = written;
    return present;
  }

  /** @throws StorageError if something stands at the place of a new file that is not, as it is, one of these */
  async requirePlace(name: string): Promise<void> {
    for (let parent = dirname(name); parent !== '.'; parent = dirname(parent)) {
      const path = this.#folder.path(parent);
      if ((await statOf(path))?.isDirectory() === false) throw taken(path, 'a folder', 'something else of that name');
    }
    const path = this.#folder.path(name);
    if (!(await statOf(path)) || (await this.has(name))) return;
    const received = Object.hasOwn(this.files, name) ? 'one that was changed since' : 'a file of someone else';
    throw taken(path, `a free place, or a file as ${this.#kind.writer} left it`, received);
  }
}

function taken(where: string, expected: string, received: string): StorageError {
  return new StorageError({ where, expected, received, hint: 'Move it away, or name another folder.' });
}
