import { stat } from 'node:fs/promises';
import { asStorageError, ConfigError } from '@polymodal/core';

/** Before any work for a new file. @throws ConfigError where there is something already: it stays as it is */
export async function requireNothing(path: string, hint: string): Promise<void> {
  const stats = await stat(path).catch((error) => {
    if (error.code !== 'ENOENT') throw asStorageError(error, path, 'a place for a new file');
    return undefined;
  });
  if (!stats) return;
  const received = stats.isDirectory() ? 'a folder' : 'one that is there, which stays as it is';
  throw new ConfigError({ where: path, expected: 'the path of a new file', received, hint });
}
