import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** By these files of the cache are known. */
export const shardMagic = Buffer.from('POLYMODAL FEATURES 2\n');
export const indexMagic = Buffer.from('POLYMODAL FEATURE INDEX 2\n');

/** Bytes of the key of a sample. */
export const keyBytes = 32;

/** In the index, of each sample: its key, where in the shard it begins, and how long it is. */
export const entryBytes = keyBytes + 8 + 8;

const namePattern = /^([0-9a-f]{24})\.shard$/;

/** The names of the shards in a folder; none where it is gone. */
export function shardNames(directory: string): string[] {
  try {
    return readdirSync(directory).flatMap((file) => namePattern.exec(file)?.[1] ?? []);
  } catch {
    return []; // a cache is no reason to stop
  }
}

/** A name that no other shard has. */
export function newShardName(): string {
  return randomBytes(12).toString('hex');
}

export function shardPath(directory: string, name: string): string {
  return join(directory, `${name}.shard`);
}

export function indexPath(directory: string, name: string): string {
  return join(directory, `${name}.index`);
}
