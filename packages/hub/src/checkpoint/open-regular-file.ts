import { type FileHandle, open, stat } from 'node:fs/promises';
import { FileFormatError } from '@polymodal/core';

/** Opens a file for reading; what is no file (a folder, a pipe that would block) or cannot be opened is refused. */
export async function openRegularFile(path: string): Promise<{ readonly file: FileHandle; readonly length: number }> {
  let file: FileHandle | undefined;
  try {
    if ((await stat(path)).isFile()) {
      file = await open(path, 'r');
      return { file, length: (await file.stat()).size };
    }
  } catch (cause) {
    await file?.close();
    throw new FileFormatError({
      where: path,
      expected: 'a file that can be read',
      received: cause instanceof Error ? cause.message : String(cause),
      cause,
    });
  }
  throw new FileFormatError({ where: path, expected: 'a file', received: 'something else of that name' });
}
