import { stat } from 'node:fs/promises';
import { asStorageError, ConfigError } from '@polymodal/core';
import { siblingHint } from '../config/sibling-hint';

/**
 * @param otherwise what may be meant by a name that is like no other
 * @throws ConfigError for a path that leads nowhere, with the nearest names beside it
 */
export async function requireInput(
  path: string,
  expected: string,
  otherwise = 'Relative paths start from the folder that the command is run in.',
): Promise<void> {
  if (/\{\d+\.\.\d+\}/.test(path)) return; // several shards, which openTable names one by one
  try {
    await stat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw asStorageError(error, path, expected);
    const [, address] = /(?:^|[\\/])(https?:[\\/].*)$/.exec(path) ?? [];
    if (address !== undefined) throw addressInstead(address.replace(/[\\/]+/, '//'), expected);
    const hint = await siblingHint(path, otherwise);
    throw new ConfigError({ where: path, expected, received: 'nothing of that name', hint });
  }
}

function addressInstead(address: string, expected: string): ConfigError {
  const hint = `Fetch it first: curl -LO ${address}`;
  return new ConfigError({ where: address, expected, received: 'an address of the web', hint });
}
