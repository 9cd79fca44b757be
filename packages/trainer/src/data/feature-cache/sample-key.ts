import { createHash, type Hash } from 'node:crypto';
import type { Sample } from '@polymodal/core';
import type { FileChecksums } from './file-checksums';

/** Longer texts are no paths. */
const longestPath = 4096;

/** Values within one another. */
const deepest = 100;

/**
 * What a sample is known by: a checksum of its values, and of the content of every file that one of its texts is the path of. (Which texts are
 * meant as paths is known to processors alone; a text that happens to be one has the file's content in its checksum all the same.)
 *
 * @param identity of what prepares it
 * @param files    that were looked at before
 * @returns `undefined` for a sample of values that are no plain data
 */
export async function sampleKey(sample: Sample, identity: string, files: FileChecksums): Promise<string | undefined> {
  const { meta: _, ...values } = sample; // which nothing reads
  const hash = createHash('sha256').update(`${identity}\n`);
  return (await add(hash, values, files, 0)) ? hash.digest('hex') : undefined;
}

/** @returns whether the value is plain data */
async function add(hash: Hash, value: unknown, files: FileChecksums, depth: number): Promise<boolean> {
  if (depth > deepest) return false;
  if (typeof value === 'string') {
    hash.update(`text ${Buffer.byteLength(value)} ${value}`);
    await addFile(hash, value, files);
    return true;
  }
  if (value === null || ['undefined', 'number', 'boolean', 'bigint'].includes(typeof value)) {
    hash.update(Object.is(value, -0) ? 'number -0\n' : `${typeof value} ${value}\n`);
    return true;
  }
  if (typeof value !== 'object') return false;
  if (ArrayBuffer.isView(value)) {
    const name = Buffer.isBuffer(value) ? 'Uint8Array' : value.constructor.name;
    hash
      .update(`${name} ${value.byteLength} `)
      .update(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    return true;
  }
  if (value instanceof Date) {
    hash.update(`date ${value.getTime()}\n`);
    return true;
  }
  const prototype = Object.getPrototypeOf(value);
  if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null) return false;
  const entries = Object.entries(value);
  hash.update(`${Array.isArray(value) ? 'list' : 'object'} ${entries.length}\n`);
  for (const [name, own] of entries) {
    hash.update(`${Buffer.byteLength(name)} ${name}\n`);
    if (!(await add(hash, own, files, depth + 1))) return false;
  }
  return true;
}

async function addFile(hash: Hash, path: string, files: FileChecksums): Promise<void> {
  if (path === '' || path.length > longestPath || /[\n\0]/.test(path)) return;
  const sha256 = await files.of(path);
  if (sha256 !== undefined) hash.update(`file ${sha256}\n`);
}
