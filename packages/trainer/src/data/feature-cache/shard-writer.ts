import { closeSync, openSync, writeSync } from 'node:fs';
import { entryBytes, indexMagic, indexPath, newShardName, shardMagic, shardPath } from './shard-files';

interface OpenShard {
  readonly name: string;
  readonly file: number;
  readonly index: number;
  bytes: number;
}

/**
 * Appends samples to shards of its own, which nobody else writes. A sample stands in the index only when all of it stands in the shard, so that
 * what a kill cuts is in none; what a loss of power leaves of it, a checksum tells.
 */
export class ShardWriter {
  readonly #directory: string;
  readonly #shardBytes: number;
  #open: OpenShard | undefined;
  #isRefused = false;

  /** @param shardBytes after so many it begins another shard */
  constructor(directory: string, shardBytes: number) {
    this.#directory = directory;
    this.#shardBytes = shardBytes;
  }

  /** @returns the bytes that it takes; 0 where the file system refuses, from then on: a cache is no reason to stop */
  append(key: string, content: Uint8Array): number {
    if (this.#isRefused) return 0;
    try {
      const shard = this.#shard();
      const entry = Buffer.alloc(entryBytes);
      entry.write(key, 'hex');
      entry.writeBigUInt64LE(BigInt(shard.bytes), entryBytes - 16);
      entry.writeBigUInt64LE(BigInt(content.length), entryBytes - 8);
      writeAll(shard.file, content);
      writeAll(shard.index, entry);
      shard.bytes += content.length;
      return content.length + entryBytes;
    } catch {
      this.close();
      this.#isRefused = true; // what is there may be cut, and nobody knows where
      return 0;
    }
  }

  close(): void {
    if (!this.#open) return;
    closeSync(this.#open.file);
    closeSync(this.#open.index);
    this.#open = undefined;
  }

  #shard(): OpenShard {
    if (this.#open && this.#open.bytes >= this.#shardBytes) this.close();
    if (this.#open) return this.#open;
    const name = newShardName();
    const file = openSync(shardPath(this.#directory, name), 'ax');
    const index = openSync(indexPath(this.#directory, name), 'ax');
    this.#open = { name, file, index, bytes: shardMagic.length };
    writeAll(file, shardMagic);
    writeAll(index, indexMagic);
    return this.#open;
  }
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
}
