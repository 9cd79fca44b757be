import { stat } from 'node:fs/promises';
import { asStorageError, ConfigError } from '@polymodal/core';
import { siblingHint } from '../config/sibling-hint';

/** @throws ConfigError for a path that leads nowhere, with the nearest names beside it */
export async function requireInput(path: string, expected: string): Promise<void> {
  if (/\{\d+\.\.\d+\}/.test(path)) return; // several shards, which openTable names one by one
  try {
    await stat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw asStorageError(error, path, expected);
    const hint = await siblingHint(path, 'Relative paths start from the folder that the command is run in.');
    throw new ConfigError({ where: path, expected, received: 'nothing of that name', hint });
  }
}
