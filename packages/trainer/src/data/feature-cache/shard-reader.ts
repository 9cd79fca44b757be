import { closeSync, fstatSync, openSync, readSync, utimesSync } from 'node:fs';
import { entryBytes, indexMagic, indexPath, keyBytes, shardNames, shardPath } from './shard-files';

/** Files that are held open at a time. */
const mostOpen = 128;

/** Where a sample lies. */
export interface ShardPlace {
  readonly shard: string;
  readonly offset: number;
  readonly length: number;
  /** The CRC-32 of its content, once that was found to be what was written: it is cheap enough to be asked of every reading. */
  crc32?: number;
}

/** Finds samples in the shards of a folder, those that others write meanwhile among them. */
export class ShardReader {
  readonly #directory: string;
  /** By key; what was damaged and made again lies in two places. */
  readonly #places = new Map<string, ShardPlace[]>();
  /** How far the index of each shard has been read. */
  readonly #read = new Map<string, number>();
  /** In the order in which they were opened. */
  readonly #files = new Map<string, number>();
  /** Shards that have been marked as used. */
  readonly #used = new Set<string>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Where a sample may lie, the newest place first; whoever asks for more than is known has it looked for. */
  *find(key: string): Generator<ShardPlace, void> {
    const known = [...(this.#places.get(key) ?? [])];
    yield* known.toReversed();
    this.#refresh();
    yield* (this.#places.get(key) ?? []).slice(known.length).toReversed();
  }

  /** What lies there; undefined where it cannot be read: another process may have made room. */
  read({ shard, offset, length }: ShardPlace): Buffer | undefined {
    try {
      const file = this.#file(shard);
      const content = Buffer.allocUnsafeSlow(length); // of memory that arrays may go on lying in
      for (let done = 0; done < length; ) {
        const count = readSync(file, content, done, length - done, offset + done);
        if (count === 0) return undefined;
        done += count;
      }
      return content;
    } catch {
      return undefined;
    }
  }

  close(): void {
    for (const file of this.#files.values()) closeSync(file);
    this.#files.clear();
  }

  #file(shard: string): number {
    const known = this.#files.get(shard);
    if (known !== undefined) return known;
    const path = shardPath(this.#directory, shard);
    const file = openSync(path, 'r');
    for (const [oldest, own] of this.#files) {
      if (this.#files.size < mostOpen) break;
      closeSync(own);
      this.#files.delete(oldest);
    }
    this.#files.set(shard, file);
    if (!this.#used.has(shard)) markUsed(path);
    this.#used.add(shard);
    return file;
  }

  /** Reads what indices have got since. */
  #refresh(): void {
    for (const shard of shardNames(this.#directory)) {
      const begin = this.#read.get(shard) ?? indexMagic.length;
      const entries = readFrom(indexPath(this.#directory, shard), begin);
      for (let at = 0; at + entryBytes <= entries.length; at += entryBytes) {
        const key = entries.toString('hex', at, at + keyBytes);
        const [offset, length] = [keyBytes, keyBytes + 8].map((place) => Number(entries.readBigUInt64LE(at + place)));
        const places = this.#places.get(key) ?? [];
        this.#places.set(key, places);
        places.push({ shard, offset, length });
      }
      this.#read.set(shard, begin + entries.length - (entries.length % entryBytes));
    }
  }
}

/** What a file has from there on; nothing of one that is gone, or is none of an index. */
function readFrom(path: string, begin: number): Buffer {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const { size } = fstatSync(file);
    if (size <= begin) return Buffer.alloc(0);
    const head = Buffer.alloc(indexMagic.length);
    readSync(file, head, 0, head.length, 0);
    if (!head.equals(indexMagic)) return Buffer.alloc(0);
    const content = Buffer.alloc(size - begin);
    return content.subarray(0, readSync(file, content, 0, content.length, begin));
  } catch {
    return Buffer.alloc(0);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** Once is enough: what was used since this process began stays. */
function markUsed(path: string): void {
  const now = new Date();
  try {
    utimesSync(path, now, now);
  } catch {
    // the folder may be one that cannot be written
  }
}
