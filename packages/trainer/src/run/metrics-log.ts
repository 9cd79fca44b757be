import { createHash, type Hash } from 'node:crypto';
import { closeSync, fsyncSync, ftruncateSync, openSync, writeFileSync } from 'node:fs';
import { asStorageError } from '@polymodal/core';

/** Where a metrics file stood when a checkpoint was made. */
export interface MetricsMark {
  readonly bytes: number;
  /** Of all bytes up to there. */
  readonly sha256: string;
}

/** The mark of an empty file. */
export const noMetrics: MetricsMark = { bytes: 0, sha256: createHash('sha256').digest('hex') };

/** A file of JSON lines that grows as training goes on. */
export class MetricsLog {
  readonly #file: number;
  readonly #hash: Hash;
  #bytes: number;

  readonly #path: string;

  /**
   * Opens the file, and forgets what stands beyond the first bytes: lines that were written after the checkpoint which training
   * resumes from, and which it will write again.
   *
   * @param kept the first bytes, which the file must have
   * @throws StorageError if it cannot be written
   */
  constructor(path: string, kept: Uint8Array) {
    this.#path = path;
    this.#bytes = kept.length;
    this.#hash = createHash('sha256').update(kept);
    this.#file = this.#attempt(() => openSync(path, 'a'));
    this.#attempt(() => ftruncateSync(this.#file, kept.length));
  }

  /** What a checkpoint has to know of the file. */
  get mark(): MetricsMark {
    return { bytes: this.#bytes, sha256: this.#hash.copy().digest('hex') };
  }

  append(record: object): void {
    const line = Buffer.from(`${JSON.stringify(record)}\n`);
    this.#attempt(() => writeFileSync(this.#file, line));
    this.#bytes += line.length;
    this.#hash.update(line);
  }

  /** Waits until all lines are on the disk. */
  sync(): void {
    this.#attempt(() => fsyncSync(this.#file));
  }

  close(): void {
    closeSync(this.#file);
  }

  #attempt<T>(call: () => T): T {
    try {
      return call();
    } catch (error) {
      throw asStorageError(error, this.#path);
    }
  }
}
