import { open, readdir, rm, stat } from 'node:fs/promises';
import { asStorageError } from '@polymodal/core';
import { makeFolder } from '@polymodal/core/node';
import { indexPath, shardMagic, shardNames, shardPath } from './shard-files';

/** What is left when room is made, so that it need not be made again at once. */
const shareLeft = 0.8;

interface Shard {
  readonly name: string;
  /** Its index among them. */
  readonly bytes: number;
  readonly usedMs: number;
}

/**
 * Keeps a folder of features within its bound: where it is full, those shards go first that were not used for longest, and those that this
 * process uses stay. Nothing goes that is not called, and does not begin, as a file of the cache.
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
    const shards = await this.#shards();
    this.#bytes = shards.reduce((sum, { bytes }) => sum + bytes, 0);
    if (this.#bytes > this.#maxBytes) {
      for (const { name, bytes, usedMs } of shards.sort((a, b) => a.usedMs - b.usedMs)) {
        if (this.#bytes <= shareLeft * this.#maxBytes || usedMs >= this.#since) break;
        if (await this.#remove(name)) this.#bytes -= bytes;
      }
    }
    this.#hasRoom = this.#bytes < this.#maxBytes;
  }

  async #shards(): Promise<Shard[]> {
    await readdir(this.#directory).catch((error) => {
      throw asStorageError(error, this.#directory, 'a folder that can be read');
    });
    const shards = shardNames(this.#directory).map(async (name) => {
      const own = await stat(shardPath(this.#directory, name)).catch(() => undefined);
      const index = await stat(indexPath(this.#directory, name)).catch(() => undefined);
      return own?.isFile() ? [{ name, bytes: own.size + (index?.size ?? 0), usedMs: own.mtimeMs }] : [];
    });
    return (await Promise.all(shards)).flat();
  }

  /** @returns whether it was one of the cache, and is gone */
  async #remove(name: string): Promise<boolean> {
    const path = shardPath(this.#directory, name);
    try {
      const file = await open(path);
      const beginning = Buffer.alloc(shardMagic.length);
      await file.read(beginning, 0, beginning.length, 0).finally(() => file.close());
      if (!shardMagic.equals(beginning)) return false;
      await rm(indexPath(this.#directory, name), { force: true }); // first: without its shard it would say what is not there
      await rm(path);
      return true;
    } catch {
      return false; // another process may have removed it
    }
  }
}
