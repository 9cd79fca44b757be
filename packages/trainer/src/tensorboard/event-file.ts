import { dirname, join } from 'node:path';
import { StorageError } from '@polymodal/core';
import { readRegularFile } from '@polymodal/core/files';
import { type HeldFolder, makeFolder } from '@polymodal/core/node';
import { AppendedFile } from '../run/appended-file';
import { setAside } from '../run/set-aside';
import { type Scalars, scalarsEvent, versionEvent } from './event';
import { frameRecord, wholeRecords } from './record';

/** Where the events of a run stand; TensorBoard knows them by `tfevents`. */
export const eventFile = join('tensorboard', 'events.out.tfevents.polymodal');

const longestFile = 2 ** 31;

/** The file that TensorBoard follows a run by. Whole records are appended, so that it can be read also after a crash. */
export class EventFile {
  readonly #file: AppendedFile;

  private constructor(path: string, kept: number) {
    this.#file = new AppendedFile(path, kept);
    if (kept === 0) this.#file.append(frameRecord(versionEvent(wallTime())));
  }

  /**
   * Opens the file where a checkpoint left it. One that was changed since is gone on with from its last record that is whole; what was
   * there stays beside it under another name.
   *
   * @param bytes how long it was at the checkpoint
   * @param warn  is told of a file that was changed
   * @throws StorageError if it cannot be read or written
   */
  static async open(folder: HeldFolder, bytes: number, warn: (message: string) => void): Promise<EventFile> {
    const path = folder.path(eventFile);
    await makeFolder(dirname(path));
    const content = await read(path);
    const kept = wholeRecords(content.subarray(0, bytes));
    if (content.length > 0 && (kept < bytes || !isOwn(content))) {
      const copy = setAside(path, (number) => folder.path(join('tensorboard', `damaged-${number}`)));
      warn(`${path} was cut or changed; a copy of it as it was is ${copy}.`);
    }
    return new EventFile(path, kept);
  }

  /** How long it is. */
  get bytes(): number {
    return this.#file.bytes;
  }

  append(step: number, scalars: Scalars): void {
    this.#file.append(frameRecord(scalarsEvent(wallTime(), step, scalars)));
  }

  /** Waits until all of it is on the disk. */
  sync(): void {
    this.#file.sync();
  }

  close(): void {
    this.#file.close();
  }
}

async function read(path: string): Promise<Uint8Array> {
  try {
    return await readRegularFile(path, { maxBytes: longestFile });
  } catch (error) {
    if (error instanceof StorageError && error.systemCode === 'ENOENT') return new Uint8Array();
    throw error;
  }
}

/** Whether a file begins as ours do, with a record that may have been cut by a crash. */
function isOwn(content: Uint8Array): boolean {
  const { length } = frameRecord(versionEvent(0));
  return content.length < length || wholeRecords(content.subarray(0, length)) === length;
}

function wallTime(): number {
  return Date.now() / 1000;
}
