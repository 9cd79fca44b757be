import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readlinkSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';

/** A name beside `path` that no other writer has. It says which process of which machine writes there. */
export function temporaryPath(path: string): string {
  return `${path}.${machine()}-${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
}

/**
 * Removes what processes of this machine left that were killed while they wrote the model at `path`, or its weights. Where
 * another process has the number of one that was killed, its file stays.
 */
export function removeLeftovers(path: string): void {
  for (const name of namesBeside(path)) {
    const [, stem, writer, pid] = pattern.exec(name) ?? [];
    const isOfPath = stem?.replace(/\.[0-9a-f]{16}\.data$/, '') === basename(path);
    if (isOfPath && writer === machine() && !isRunning(Number(pid))) rmSync(join(dirname(path), name), { force: true });
  }
}

const pattern = /^(.*)\.([0-9a-f]{12})-(\d+)-[0-9a-f]{8}\.tmp$/s;

/** None where the folder may be written and not read. */
function namesBeside(path: string): string[] {
  try {
    return readdirSync(dirname(path));
  } catch {
    return [];
  }
}

/** Numbers of processes mean something within a host, and on Linux within a container of it. */
function machine(): string {
  let container = '';
  try {
    container = readlinkSync('/proc/self/ns/pid');
  } catch {
    // not Linux: the host alone
  }
  return createHash('sha256').update(`${hostname()} ${container}`).digest('hex').slice(0, 12);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0); // signal 0 only asks
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
