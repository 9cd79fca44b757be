import { closeSync, fsyncSync, ftruncateSync, openSync, writeSync } from 'node:fs';

/** A file of JSON lines that grows as training goes on. */
export class MetricsLog {
  readonly #file: number;
  #bytes: number;

  /**
   * Opens the file, and forgets what stands beyond the first `bytes`: lines that were written after the checkpoint
   * which training resumes from, and which it will write again.
   */
  constructor(path: string, bytes: number) {
    this.#file = openSync(path, 'a');
    ftruncateSync(this.#file, bytes);
    this.#bytes = bytes;
  }

  /** Length of the file. */
  get bytes(): number {
    return this.#bytes;
  }

  append(record: object): void {
    this.#bytes += writeSync(this.#file, `${JSON.stringify(record)}\n`);
  }

  /** Waits until all lines are on the disk. */
  sync(): void {
    fsyncSync(this.#file);
  }

  close(): void {
    closeSync(this.#file);
  }
}
