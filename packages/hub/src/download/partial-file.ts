import { createHash, type Hash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { StorageError } from '@polymodal/core';
import { ChecksumError } from '../errors/download-error';
import type { FileMetadata } from './file-metadata';

/** A file that is being fetched. What an earlier download left of it is taken up. */
export class PartialFile {
  length = 0;
  #hash: Hash;

  readonly #file: FileHandle;
  readonly #metadata: FileMetadata;

  private constructor(file: FileHandle, metadata: FileMetadata) {
    this.#file = file;
    this.#metadata = metadata;
    this.#hash = checksumOf(metadata);
  }

  static async open(path: string, metadata: FileMetadata): Promise<PartialFile> {
    const file = await open(path, constants.O_RDWR | constants.O_CREAT | (constants.O_NONBLOCK ?? 0), 0o666);
    const partial = new PartialFile(file, metadata);
    try {
      await partial.#takeUp(path);
    } catch (error) {
      await file.close();
      throw error;
    }
    return partial;
  }

  async append(chunk: Uint8Array): Promise<void> {
    this.#hash.update(chunk);
    let done = 0;
    while (done < chunk.length) {
      done += (await this.#file.write(chunk, done, chunk.length - done, this.length + done)).bytesWritten;
    }
    this.length += chunk.length;
  }

  async restart(): Promise<void> {
    await this.#file.truncate(0);
    this.length = 0;
    this.#hash = checksumOf(this.#metadata);
  }

  /** Makes sure that it is the announced file and on the disk; one that is not starts anew. @throws ChecksumError */
  async complete(): Promise<void> {
    const { etag, url } = this.#metadata;
    const sum = (await this.#finalHash()).digest('hex');
    if (isChecksum(etag) && sum !== etag) {
      const hint = 'Something between here and the server spoils the file.';
      await this.restart();
      throw new ChecksumError({ where: url, expected: `a file with checksum ${etag}`, received: sum, hint });
    }
    if (!(await this.#file.stat()).isFile()) {
      throw new StorageError({ where: url, expected: 'a file under the name of its checksum', received: 'a device' });
    }
    await this.#file.sync();
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  /** What is there is of no use unless the size of the whole is known. */
  async #takeUp(path: string): Promise<void> {
    const stats = await this.#file.stat();
    if (stats.isFIFO() || stats.isSocket()) {
      const expected = 'a file, or none, under the name of what is being fetched';
      throw new StorageError({ where: path, expected, received: 'a pipe' });
    }
    const present = stats.size;
    if (this.#metadata.size === undefined || present > this.#metadata.size) await this.restart();
    else this.length = await this.#readInto(this.#hash, present);
  }

  /** git's checksum begins with the length, which is known only now if the server did not say. */
  async #finalHash(): Promise<Hash> {
    if (this.#metadata.size !== undefined || this.#metadata.etag.length !== 40) return this.#hash.copy();
    const hash = checksumOf({ ...this.#metadata, size: this.length });
    await this.#readInto(hash, this.length);
    return hash;
  }

  async #readInto(hash: Hash, length: number): Promise<number> {
    const buffer = new Uint8Array(Math.min(length, 1 << 20));
    let done = 0;
    while (done < length) {
      const { bytesRead } = await this.#file.read(buffer, 0, Math.min(buffer.length, length - done), done);
      if (bytesRead === 0) break;
      hash.update(buffer.subarray(0, bytesRead));
      done += bytesRead;
    }
    return done;
  }
}

/** Hugging Face: the SHA-256 of a file in large storage, or the SHA-1 that git gives a blob, which begins with its length. */
export function isChecksum(etag: string): boolean {
  return /^(?:[0-9a-f]{64}|[0-9a-f]{40})$/.test(etag);
}

/** What computes the checksum that an etag is of: SHA-256, or git's SHA-1, which begins with the length. */
export function checksumOf({ etag, size }: Pick<FileMetadata, 'etag' | 'size'>): Hash {
  return etag.length === 40 ? createHash('sha1').update(`blob ${size}\0`) : createHash('sha256');
}
