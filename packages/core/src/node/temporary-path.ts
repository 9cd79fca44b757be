import { createHash, randomUUID } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isAlive, ownerHere } from './lock/lock-owner';

/** A name beside `path` that no other writer has, be it one of this process. It says which process writes there. */
export function temporaryPath(path: string): string {
  const { pid, started, host } = ownerHere();
  return `${path}.${hashOf(host)}-${pid}-${started ?? 'x'}-${randomUUID().slice(0, 8)}.tmp`;
}

/** Whether a name is one that {@link temporaryPath} gives. */
export function isTemporaryPath(path: string): boolean {
  return pattern.test(path);
}

/** Removes what processes of this machine left that were killed while they wrote the file at `path`. */
export async function removeLeftovers(path: string): Promise<void> {
  const { host } = ownerHere();
  for (const name of await readdir(dirname(path)).catch(() => [])) {
    const [, stem, writer, pid, started] = pattern.exec(name) ?? [];
    if (stem !== basename(path) || writer !== hashOf(host)) continue;
    const owner = { pid: Number(pid), started: started === 'x' ? undefined : started, host };
    if (isAlive(owner) === false) await rm(join(dirname(path), name), { force: true });
  }
}

const pattern = /^(.*)\.([0-9a-f]{12})-(\d+)-(\d+|x)-[0-9a-f]{8}\.tmp$/s;

function hashOf(host: string): string {
  return createHash('sha256').update(host).digest('hex').slice(0, 12);
}
