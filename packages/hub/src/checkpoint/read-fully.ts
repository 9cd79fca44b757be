import type { FileHandle } from 'node:fs/promises';
import { FileFormatError } from '@polymodal/core';

/** Node reads less than 2 GiB at a time. */
const mostBytes = 1 << 30;

/**
 * Fills `target` from a position of a file.
 *
 * @param where how error messages call the file
 * @throws FileFormatError if the file ends before
 */
export async function readFully(
  file: FileHandle,
  target: Uint8Array<ArrayBuffer>,
  position: number,
  where: string,
): Promise<void> {
  let done = 0;
  while (done < target.length) {
    const length = Math.min(mostBytes, target.length - done);
    const { bytesRead } = await file.read(target, done, length, position + done);
    if (bytesRead === 0) {
      throw new FileFormatError({
        where,
        expected: `${target.length} bytes from ${position} on`,
        received: `${done}, then the end of the file`,
        hint: 'Something cuts the file short while it is open.',
      });
    }
    done += bytesRead;
  }
}
