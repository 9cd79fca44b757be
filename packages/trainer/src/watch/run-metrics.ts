import { open } from 'node:fs/promises';
import { asStorageError, isRecord } from '@polymodal/core';
import type { EpochRecord } from '../run/epoch-record';
import type { StepRecord } from '../run/step-record';

/** Bytes that are read at a time, and those that are held against the file at the next reading. */
const [chunk, remembered] = [2 ** 20, 256];

/**
 * The lines of a `metrics.jsonl` that grows. That of a run which was resumed, and so cut, is read anew; a line that is being written is read
 * when it is whole.
 */
export class RunMetrics {
  readonly #path: string;
  #read = 0;
  /** The last bytes that were read: others in their place are those of a run that was resumed. */
  #last = Buffer.alloc(0);
  #rest = Buffer.alloc(0);
  #steps: StepRecord[] = [];
  #epochs: EpochRecord[] = [];
  #damagedLines = 0;
  #reading: Promise<void> | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  get steps(): readonly StepRecord[] {
    return this.#steps;
  }

  get epochs(): readonly EpochRecord[] {
    return this.#epochs;
  }

  /** Lines that are neither a step's nor an epoch's. */
  get damagedLines(): number {
    return this.#damagedLines;
  }

  /** Reads what has been written since. Who asks while it is being read waits for that. @throws StorageError */
  update(): Promise<void> {
    this.#reading ??= this.#readOn().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #readOn(): Promise<void> {
    try {
      const file = await open(this.#path, 'r');
      try {
        const buffer = Buffer.alloc(chunk);
        const seen = await file.read(buffer, 0, this.#last.length, this.#read - this.#last.length);
        if (!this.#last.equals(buffer.subarray(0, seen.bytesRead))) this.#forget();
        for (;;) {
          const { bytesRead } = await file.read(buffer, 0, chunk, this.#read);
          if (bytesRead === 0) return;
          this.#read += bytesRead;
          this.#last = Buffer.concat([this.#last, buffer.subarray(0, bytesRead)]).subarray(-remembered);
          this.#take(buffer.subarray(0, bytesRead));
        }
      } finally {
        await file.close();
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return this.#forget();
      throw asStorageError(error, this.#path);
    }
  }

  #forget(): void {
    [this.#read, this.#last, this.#rest] = [0, Buffer.alloc(0), Buffer.alloc(0)];
    [this.#steps, this.#epochs, this.#damagedLines] = [[], [], 0];
  }

  #take(bytes: Buffer): void {
    const content = Buffer.concat([this.#rest, bytes]);
    const end = content.lastIndexOf('\n') + 1;
    this.#rest = Buffer.from(content.subarray(end));
    for (const line of content.toString('utf8', 0, end).split('\n')) if (line !== '') this.#takeLine(line);
  }

  #takeLine(line: string): void {
    const record = parsed(line);
    if (isStep(record)) {
      this.#steps.push(record);
    } else if (isEpoch(record)) {
      this.#epochs.push(record);
    } else this.#damagedLines++;
  }
}

function parsed(line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

function isStep(record: object): record is StepRecord {
  const { type, step, losses, pace } = record as Partial<StepRecord> & { type?: unknown };
  return type === 'step' && typeof step === 'number' && isRecord(losses) && isRecord(pace);
}

function isEpoch(record: object): record is EpochRecord {
  const { type, epoch, losses, terms } = record as Partial<EpochRecord> & { type?: unknown };
  return type === 'epoch' && typeof epoch === 'number' && isRecord(losses) && isRecord(terms);
}
