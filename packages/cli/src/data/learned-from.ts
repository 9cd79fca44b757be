import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Manifest, readSplit, splitName } from '@polymodal/data';
import type { ConfigFile } from '../config/config-file';
import { runFolder, splitFile } from './open-parts';

/** How many samples of a table a run has learned from, by their ids: its figures on these say little. */
export async function learnedFrom(config: ConfigFile, samples: Manifest): Promise<number> {
  const stored = join(runFolder(config), splitFile);
  if (!existsSync(stored)) return 0;
  const { entries } = await readSplit(stored);
  let count = 0;
  for (let index = 0; index < samples.length; index++) {
    const id = await samples.id(index).catch(() => undefined); // a cell that names nothing, which is in no split
    const entry = id === undefined ? undefined : entries.get(id);
    if (entry && splitName(entry.part) === 'train') count++;
  }
  return count;
}
