import { createHash } from 'node:crypto';
import { openRegularFile } from '../../files/open-regular-file';

const chunkBytes = 1 << 22;

/** The SHA-256 of a file, in hexadecimal. @throws StorageError, FileFormatError for a path that cannot be read or is no file */
export async function fileChecksum(path: string): Promise<string> {
  const { file } = await openRegularFile(path);
  try {
    const hash = createHash('sha256');
    const chunk = new Uint8Array(chunkBytes);
    for (;;) {
      const { bytesRead } = await file.read(chunk, 0, chunk.length, null);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(chunk.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}
