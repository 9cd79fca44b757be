import { closeSync, fsyncSync, ftruncateSync, openSync, writeFileSync } from 'node:fs';
import { asStorageError } from '@polymodal/core';

/** A file that grows as training goes on. */
export class AppendedFile {
  readonly #file: number;
  readonly #path: string;
  #bytes: number;

  /**
   * Opens the file, and forgets what stands beyond the first bytes: what was written after the checkpoint which training resumes from, and
   * will be written again.
   *
   * @param kept how many of its bytes stay
   * @throws StorageError if it cannot be written
   */
  constructor(path: string, kept: number) {
    this.#path = path;
    this.#bytes = kept;
    this.#file = this.#attempt(() => openSync(path, 'a'));
    this.#attempt(() => ftruncateSync(this.#file, kept));
  }

  /** Its length. */
  get bytes(): number {
    return this.#bytes;
  }

  append(content: Uint8Array): void {
    this.#attempt(() => writeFileSync(this.#file, content));
    this.#bytes += content.length;
  }

  /** Waits until all of it is on the disk. */
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
