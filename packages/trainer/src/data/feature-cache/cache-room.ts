import { open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { asStorageError } from '@polymodal/core';
import { makeFolder } from '@polymodal/core/node';
import { beginningBytes, isFeatureFile } from './feature-file';

/** How files of the cache are called, and the folders that they lie in; and those that are not written to their end. */
const folderPattern = /^[0-9a-f]{2}$/;
const filePattern = /^[0-9a-f]{62}\.features$/;
const unfinishedPattern = /^[0-9a-f]{62}\.features\..*\.tmp$/;

/** After so long nobody writes on in a file. */
const abandonedAfter = 3_600_000; // ms

/** What is left when room is made, so that it need not be made again at once. */
const shareLeft = 0.8;

interface CachedFile {
  readonly path: string;
  readonly bytes: number;
  readonly usedMs: number;
}

/**
 * Keeps a folder of features within its bound: where it is full, those go first that were not used for longest, and those that this process
 * uses stay. Nothing goes that is not called, and does not begin, as a file of the cache.
 */
export class CacheRoom {
  readonly #directory: string;
  readonly #maxBytes: number;
  /** What was used since is used by this process, or by another one that is at work. */
  readonly #since = Date.now();
  #bytes = 0;
  #isMakingRoom = false;
  #hasRoom = true;

  private constructor(directory: string, maxBytes: number) {
    this.#directory = directory;
    this.#maxBytes = maxBytes;
  }

  /** @throws StorageError for a folder that cannot be made, or read */
  static async open(directory: string, maxBytes: number): Promise<CacheRoom> {
    await makeFolder(directory);
    const room = new CacheRoom(directory, maxBytes);
    await room.#makeRoom();
    return room;
  }

  /** Whether more may be kept. */
  get hasRoom(): boolean {
    return this.#hasRoom;
  }

  /** Counts what was kept. Room is made beside other work. */
  async add(bytes: number): Promise<void> {
    this.#bytes += bytes;
    if (this.#bytes <= this.#maxBytes || !this.#hasRoom || this.#isMakingRoom) return;
    this.#isMakingRoom = true;
    await this.#makeRoom()
      .catch(() => {}) // somebody has taken the folder away: a cache is no reason to stop
      .finally(() => {
        this.#isMakingRoom = false;
      });
  }

  async #makeRoom(): Promise<void> {
    const files = await this.#files();
    this.#bytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
    if (this.#bytes > this.#maxBytes) {
      for (const { path, bytes, usedMs } of files.sort((a, b) => a.usedMs - b.usedMs)) {
        if (this.#bytes <= shareLeft * this.#maxBytes || usedMs >= this.#since) break;
        if (await removeOwn(path)) this.#bytes -= bytes;
      }
    }
    this.#hasRoom = this.#bytes < this.#maxBytes;
  }

  async #files(): Promise<CachedFile[]> {
    const files: CachedFile[] = [];
    const folders = await readdir(this.#directory).catch((error) => {
      throw asStorageError(error, this.#directory, 'a folder that can be read');
    });
    for (const folder of folders.filter((name) => folderPattern.test(name))) {
      for (const name of await readdir(join(this.#directory, folder)).catch(() => [])) {
        const path = join(this.#directory, folder, name);
        const stats = await stat(path).catch(() => undefined);
        if (!stats?.isFile()) continue;
        if (filePattern.test(name)) files.push({ path, bytes: stats.size, usedMs: stats.mtimeMs });
        const isAbandoned = unfinishedPattern.test(name) && stats.mtimeMs < this.#since - abandonedAfter;
        if (isAbandoned) await rm(path, { force: true }).catch(() => undefined);
      }
    }
    return files;
  }
}

/** @returns whether it was one of the cache, and is gone */
async function removeOwn(path: string): Promise<boolean> {
  try {
    const file = await open(path);
    const beginning = new Uint8Array(beginningBytes);
    await file.read(beginning, 0, beginning.length, 0).finally(() => file.close());
    if (!isFeatureFile(beginning)) return false;
    await rm(path);
    return true;
  } catch {
    return false; // another process may have removed it
  }
}
