import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '@polymodal/core';

/** What an example writes into its folder. */
export interface Written {
  /** Names of the folders of the trainings. */
  readonly runs: readonly string[];
  /** Names of what else it writes, beside results.json. */
  readonly others?: readonly string[];
  /** Whether a results.json, parsed, is one of its own. */
  readonly isResults: (content: Readonly<Record<string, unknown>>) => boolean;
}

/**
 * Makes the folder that a start of an example writes to, or makes sure that it is one of an earlier start: files of others are never
 * replaced.
 *
 * @throws ConfigError where something lies in the way that the example did not write
 */
export async function claimDirectory(directory: string, { runs, others = [], isResults }: Written): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
  } catch (cause) {
    throw inTheWay(directory, 'a folder, or a place for one', `${(cause as Error).message}`, cause);
  }
  const names = await readdir(directory);
  if (names.includes('results.json')) return checkResults(join(directory, 'results.json'), isResults);
  if (runs.some((run) => existsSync(join(directory, run, 'config.json')))) return; // an earlier start got thus far
  const foreign = [...others, ...runs].find((name) => names.includes(name));
  if (foreign)
    throw inTheWay(join(directory, foreign), 'nothing there yet', 'something that this example did not write');
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
