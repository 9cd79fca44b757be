import { realpath } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { FileFormatError } from '@polymodal/core';

/**
 * Where a shard really is. A symbolic link may not lead out of the folder, but for the links of the shared cache, whose
 * snapshots link to the blobs beside them.
 *
 * @param folder of the checkpoint
 * @param path   where the shard is to be, in that folder
 * @throws FileFormatError for a shard that is missing or lies elsewhere
 */
export async function shardPath(folder: string, path: string): Promise<string> {
  let real: string;
  let realFolder: string;
  try {
    [real, realFolder] = [await realpath(path), await realpath(folder)];
  } catch (cause) {
    throw new FileFormatError({
      where: path,
      expected: 'the shard that the index names',
      received: 'no such file',
      hint: 'The folder is incomplete; fetch it again.',
      cause,
    });
  }
  const snapshots = dirname(realFolder);
  const allowed = [realFolder, ...(basename(snapshots) === 'snapshots' ? [join(dirname(snapshots), 'blobs')] : [])];
  if (allowed.some((root) => isWithin(root, real))) return path;
  throw new FileFormatError({
    where: path,
    expected: 'a shard within the folder of its index',
    received: `a link to ${real}`,
    hint: 'Put the file itself there.',
  });
}

function isWithin(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && join(root, way) === path;
}
