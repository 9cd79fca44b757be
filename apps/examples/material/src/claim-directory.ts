import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '@polymodal/core';

/** What an example writes into its folder. */
export interface Written {
  /** Names of the files and folders, beside results.json. */
  readonly names: readonly string[];
  /** Whether a results.json, parsed, is one of its own. */
  readonly isResults: (content: Readonly<Record<string, unknown>>) => boolean;
}

/** An empty file that says whose a folder is. */
const claim = '.polymodal-example';

/**
 * Makes the folder that a start of an example writes to, or makes sure that it is one of an earlier start: files of others are never
 * replaced.
 *
 * @throws ConfigError where something lies in the way that the example did not write
 */
export async function claimDirectory(directory: string, { names, isResults }: Written): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
  } catch (cause) {
    throw inTheWay(directory, 'a folder, or a place for one', `${(cause as Error).message}`, cause);
  }
  const found = await readdir(directory);
  if (found.includes('results.json')) return checkResults(join(directory, 'results.json'), isResults);
  if (found.includes(claim)) return; // an earlier start got thus far
  const foreign = names.find((name) => found.includes(name));
  if (foreign !== undefined) {
    throw inTheWay(join(directory, foreign), 'nothing there yet', 'something that this example did not write');
  }
  await writeFile(join(directory, claim), '');
}

async function checkResults(path: string, isResults: Written['isResults']): Promise<void> {
  try {
    if (isResults(JSON.parse(await readFile(path, 'utf8')))) return;
  } catch {
    // not even JSON
  }
  throw inTheWay(path, 'the results of an earlier start', 'something else');
}

function inTheWay(where: string, expected: string, received: string, cause?: unknown): ConfigError {
  return new ConfigError({ where, expected, received, hint: 'Give another --directory.', cause });
}
