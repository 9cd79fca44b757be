import { FileFormatError } from '@polymodal/core';
import { readRegularFile } from '@polymodal/core/files';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The text of a file.
 *
 * @param where how errors call the file
 * @throws FileFormatError for one that is not UTF-8, or longer than `maxBytes`
 * @throws StorageError for one that cannot be read
 */
export async function readText(path: string, where: string, maxBytes: number): Promise<string> {
  const bytes = await readRegularFile(path, { maxBytes });
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new FileFormatError({
      where,
      expected: 'text in UTF-8',
      received: 'bytes that are none',
      hint: 'Save it as UTF-8. Is it a text at all?',
      cause,
    });
  }
}
