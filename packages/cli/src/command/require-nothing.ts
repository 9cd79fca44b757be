import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { asStorageError, ConfigError } from '@polymodal/core';

/** Before any work for a new file. @throws ConfigError where there is something already, which stays as it is, and where there is no folder for it */
export async function requireNothing(path: string, hint: string): Promise<void> {
  const stats = await stat(path).catch((error) => {
    if (error.code !== 'ENOENT') throw asStorageError(error, path, 'a place for a new file');
    return undefined;
  });
  if (!stats) return requireFolder(dirname(path));
  const received = stats.isDirectory() ? 'a folder' : 'one that is there, which stays as it is';
  throw new ConfigError({ where: path, expected: 'the path of a new file', received, hint });
}

async function requireFolder(folder: string): Promise<void> {
  if ((await stat(folder).catch(() => undefined))?.isDirectory()) return;
  const hint = `Make it first: mkdir -p ${folder}`;
  throw new ConfigError({ where: folder, expected: 'a folder for the new file', received: 'none of that name', hint });
}
