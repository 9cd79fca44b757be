import { createHash } from 'node:crypto';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '@polymodal/core';
import { replaceFile } from '@polymodal/core/node';

/** What `config.json` of the folder holds. */
interface Claim {
  /** A checksum of the settings. */
  readonly of: string;
  /** When the first start began. */
  readonly started: number;
}

/**
 * Makes the folder of trainings one of these settings, or makes sure that it is.
 *
 * @returns when the first start began, so that the time of interrupted ones counts
 * @throws ConfigError where an interrupted start had other settings
 */
export async function claimTrainings(folder: string, settings: object): Promise<number> {
  const path = configPath(folder);
  const of = createHash('sha256').update(JSON.stringify(settings)).digest('hex');
  await mkdir(folder, { recursive: true });
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) {
    const claim: Claim = { of, started: Date.now() };
    await replaceFile(path, `${JSON.stringify({ ...claim, settings }, null, 2)}\n`);
    return claim.started;
  }
  const earlier = readClaim(text);
  if (earlier?.of === of) return earlier.started;
  throw new ConfigError({
    where: path,
    expected: 'trainings of the same budget and tables',
    received: earlier ? 'those of others, by an interrupted start' : 'something that this bench did not write',
    hint: 'Go on with the options of that start, or give another --directory.',
  });
}

/** `undefined` for what is none. */
function readClaim(text: string): Claim | undefined {
  try {
    const { of, started }: Claim = JSON.parse(text);
    return typeof of === 'string' && Number.isFinite(started) ? { of, started } : undefined;
  } catch {
    return undefined;
  }
}

/** Where finished trainings are kept. */
export function finishedPath(folder: string): string {
  return join(folder, 'finished.jsonl');
}

/** Removes what earlier starts finished, and what they were of. */
export async function forgetTrainings(folder: string): Promise<void> {
  for (const path of [finishedPath(folder), configPath(folder)]) await rm(path, { force: true });
}

function configPath(folder: string): string {
  return join(folder, 'config.json');
}
