import { FileFormatError } from '@polymodal/core';
import type { ByteSource } from './byte-source';

/** Node reads less than 2 GiB at a time. */
const mostBytes = 1 << 30;

/**
 * Fills `target` from a position of a source.
 *
 * @param where how error messages call the file
 * @throws FileFormatError if the file ends before
 */
export async function readFully(
  source: ByteSource,
  target: Uint8Array<ArrayBuffer>,
  position: number,
  where: string,
): Promise<void> {
  let done = 0;
  while (done < target.length) {
    const length = Math.min(mostBytes, target.length - done);
    const { bytesRead } = await source.read(target, done, length, position + done);
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
