import { dirname, join } from 'node:path';
import { describeValue } from '../../describe-value';
import { ConfigError } from '../../errors';
import { isPath } from '../../require-argument';
import { writeDurably } from '../replace-file';
import { makeFolder } from './make-folder';
import { describeContent, isSafeFileName, type WrittenFile } from './written-files';

/**
 * Writes a new file into a folder that is being written, and waits until it is on the disk.
 *
 * @param name its path from the folder, with `/`
 * @throws ConfigError for a name that leads elsewhere, StorageError if the file system refuses
 */
export async function addFile(folder: string, name: string, content: Uint8Array | string): Promise<WrittenFile> {
  if (!isPath(name) || !isSafeFileName(name)) {
    throw new ConfigError({ where: folder, expected: 'the name of a file in it', received: describeValue(name) });
  }
  const path = join(folder, name);
  await makeFolder(dirname(path));
  await writeDurably(path, content);
  return describeContent(content);
}
