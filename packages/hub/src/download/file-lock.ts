import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { pause } from './patience';

const heartbeat = 5000;
const staleAfter = 30_000;
const pollEvery = 100;

/** How a lock was had. */
export interface HeldLock {
  /** Whether the former holder may be alive after all (it was silent for long): what it writes to is not to be shared. */
  readonly isDoubtful: boolean;
  /** Whether it is still ours; a process that is stopped for long can lose it. */
  isHeld(): Promise<boolean>;
  release(): Promise<void>;
}

/**
 * Waits until no other process holds a file, and holds it: it exists while it is held, says who holds it and is touched
 * every five seconds. One whose process is gone, or that has not been touched for thirty seconds, is taken over.
 *
 * @throws the reason of the signal, if it is aborted
 */
export async function acquireLock(path: string, signal: AbortSignal | undefined): Promise<HeldLock> {
  const owner = `${process.pid} ${hostname()} ${randomUUID()}`;
  await mkdir(dirname(path), { recursive: true });
  let isDoubtful = false;
  while (!(await create(path, owner))) {
    const state = await holderState(path);
    if (state === 'alive') await pause(pollEvery, signal);
    else await takeAway(path);
    isDoubtful ||= state === 'silent';
  }
  const timer = setInterval(() => void utimes(path, new Date(), new Date()).catch(() => undefined), heartbeat);
  timer.unref();
  const isHeld = async () => (await readFile(path, 'utf8').catch(() => '')) === owner;
  return {
    isDoubtful,
    isHeld,
    async release() {
      clearInterval(timer);
      if (await isHeld()) await rm(path, { force: true });
    },
  };
}

async function create(path: string, owner: string): Promise<boolean> {
  try {
    await writeFile(path, owner, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function holderState(path: string): Promise<'alive' | 'gone' | 'silent'> {
  try {
    const [pid, host] = (await readFile(path, 'utf8')).split(' ');
    const silence = Date.now() - (await stat(path)).mtimeMs;
    if (host === hostname() && !isRunning(Number(pid))) return 'gone';
    return silence > staleAfter ? 'silent' : 'alive';
  } catch {
    return 'alive'; // released in between: the next attempt may get it
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** By renaming, so that of several who find a dead lock each takes a file of its own or none. */
async function takeAway(path: string): Promise<void> {
  const taken = `${path}.${randomUUID()}`;
  await rename(path, taken).catch(() => undefined);
  await rm(taken, { force: true });
}
