import { readdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { nearestNames } from '@polymodal/core';

/** What a path that leads nowhere may have been meant to be: the names beside it that are most like it. */
export async function siblingHint(path: string, otherwise: string): Promise<string> {
  const names = await readdir(dirname(path)).catch(() => undefined);
  if (names === undefined) return `There is no folder ${dirname(path)}.`;
  const nearest = nearestNames(basename(path), names);
  return nearest.length > 0 ? `Did you mean ${nearest.map((name) => `"${name}"`).join(' or ')}?` : otherwise;
}
