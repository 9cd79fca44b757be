import { stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { asStorageError, ConfigError } from '@polymodal/core';
import { formatOf } from '@polymodal/data';
import { siblingHint } from './sibling-hint';

/** What a config is called where nobody says. */
export const configNames = ['polymodal.yaml', 'polymodal.yml', 'polymodal.json'] as const;

const noConfig = 'Write one for your table first: polymodal init products.csv. Or name the file.';

/**
 * The path of a config: the one that is given, or that of a folder, by its usual name.
 *
 * @param otherwise what to do in a folder without one
 * @throws ConfigError where there is none, or several, and for a table in its place
 */
export async function findConfig(directory: string, given = '.', otherwise = noConfig): Promise<string> {
  const path = resolve(directory, given);
  if (await isFolder(path, given, directory)) return configIn(path, given, otherwise);
  if (formatOf(path) === undefined) return path;
  throw new ConfigError({
    where: given,
    expected: 'a config, polymodal.yaml say',
    received: 'a table',
    hint: `Write a config for it first: polymodal init ${given}`,
  });
}

async function configIn(folder: string, given: string, otherwise: string): Promise<string> {
  const found: string[] = [];
  for (const name of configNames) if (await stat(join(folder, name)).catch(() => undefined)) found.push(name);
  if (found.length === 1) return join(folder, found[0]);
  const [expected, received, hint] =
    found.length > 1
      ? ['one config in the folder', found.join(' and '), `Say which: ${join(given, found[0])}`]
      : [`a folder with ${configNames[0]}`, 'one without it', otherwise];
  throw new ConfigError({ where: folder, expected, received, hint });
}

async function isFolder(path: string, given: string, directory: string): Promise<boolean> {
  const stats = await stat(path).catch((error) => {
    if (error.code !== 'ENOENT') throw asStorageError(error, path, 'a config that can be read');
    return undefined;
  });
  if (stats) return stats.isDirectory();
  throw new ConfigError({
    where: relative(directory, path) || path,
    expected: 'a config',
    received: 'no file of that name',
    hint: given.includes('=')
      ? `Options are set by --set: --set ${given.includes('.') ? given : `training.${given}`}`
      : await siblingHint(path, noConfig),
  });
}
