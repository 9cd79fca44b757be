import { createHash, type Hash } from 'node:crypto';
import { AppendedFile } from './appended-file';

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
  readonly #file: AppendedFile;
  readonly #hash: Hash;

  /**
   * @param kept the first bytes, which the file must have; what stands beyond them goes
   * @throws StorageError if it cannot be written
   */
  constructor(path: string, kept: Uint8Array) {
    this.#file = new AppendedFile(path, kept.length);
    this.#hash = createHash('sha256').update(kept);
  }

  /** What a checkpoint has to know of the file. */
  get mark(): MetricsMark {
    return { bytes: this.#file.bytes, sha256: this.#hash.copy().digest('hex') };
  }

  append(record: object): void {
    const line = Buffer.from(`${JSON.stringify(record)}\n`);
    this.#file.append(line);
    this.#hash.update(line);
  }

  /** Waits until all lines are on the disk. */
  sync(): void {
    this.#file.sync();
  }

  close(): void {
    this.#file.close();
  }
}
