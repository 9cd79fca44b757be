import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '@polymodal/core';

/**
 * Makes the folder that a start writes to, or makes sure that it is one of an earlier start: files of others are never
 * replaced.
 *
 * @param runs names of the folders of the trainings
 * @throws ConfigError where something lies in the way that this example did not write
 */
export async function claimDirectory(directory: string, runs: readonly string[]): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
  } catch (cause) {
    throw inTheWay(directory, 'a folder, or a place for one', `${(cause as Error).message}`, cause);
  }
  const names = await readdir(directory);
  if (names.includes('results.json')) return checkResults(join(directory, 'results.json'));
  if (runs.some((run) => existsSync(join(directory, run, 'config.json')))) return; // an earlier start got thus far
  const foreign = ['report.html', 'samples', ...runs].find((name) => names.includes(name));
  if (foreign)
    throw inTheWay(join(directory, foreign), 'nothing there yet', 'something that this example did not write');
}

async function checkResults(path: string): Promise<void> {
  try {
    const { seeds, testSamples, accuracy } = JSON.parse(await readFile(path, 'utf8'));
    if (seeds && testSamples && accuracy) return;
  } catch {
    // not even JSON
  }
  throw inTheWay(path, 'the results of an earlier start', 'something else');
}

function inTheWay(where: string, expected: string, received: string, cause?: unknown): ConfigError {
  return new ConfigError({ where, expected, received, hint: 'Give another --directory.', cause });
}
