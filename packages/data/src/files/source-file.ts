import { asStorageError, StorageError } from '@polymodal/core';
import { openRegularFile, type RegularFile } from '@polymodal/core/node';

/** Node reads less than 2 GiB at a time. */
const mostBytes = 2 ** 30;

/** A file that is read in parts, now and then, and that must stay as it was: an index says where its parts lie. */
export class SourceFile {
  readonly #version: RegularFile['version'];

  private constructor(
    readonly path: string,
    /** In bytes. */
    readonly length: number,
    version: RegularFile['version'],
  ) {
    this.#version = version;
  }

  /** @throws FileFormatError for what is no file; StorageError for one that cannot be opened */
  static async open(path: string): Promise<SourceFile> {
    const { file, length, version } = await openRegularFile(path);
    await file.close();
    return new SourceFile(path, length, version);
  }

  /**
   * The bytes from `start` up to `end`. The file is open for that moment alone.
   *
   * @throws StorageError for a file that was changed since it was first opened
   */
  async read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    const { file, version } = await openRegularFile(this.path);
    try {
      const { inode, size, modifiedMs } = this.#version;
      const isSame = version.inode === inode && version.size === size && version.modifiedMs === modifiedMs;
      if (!isSame) throw this.#changed();
      const bytes = new Uint8Array(end - start);
      for (let done = 0; done < bytes.length; ) {
        const { bytesRead } = await file.read(bytes, done, Math.min(bytes.length - done, mostBytes), start + done);
        if (bytesRead === 0) throw this.#changed();
        done += bytesRead;
      }
      return bytes;
    } catch (error) {
      throw asStorageError(error, this.path, 'a file that can be read');
    } finally {
      await file.close();
    }
  }

  #changed(): StorageError {
    return new StorageError({
      where: this.path,
      expected: 'the file as it was when it was opened',
      received: 'one that was changed since',
      hint: 'Open it anew: what is known of its rows is no longer true.',
    });
  }
}
