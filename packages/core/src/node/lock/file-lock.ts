import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { link, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { asStorageError, LockedError } from '../../errors';
import { isPath, isRecord, requireArgument } from '../../require-argument';
import { makeFolder } from '../folder/make-folder';
import { describeOwner, isAlive, parseOwner } from './lock-owner';

const heartbeat = 5000;
const staleAfter = 30_000;
const pollEvery = 100;
/** So often a lock may be released, or taken over, and be another's before this process has it. */
const mostAttempts = 20;

/** Locks that were not in their place any more when this process released them: a folder may have been moved with its lock. */
const releasedHere = new Set<string>();

/** What to do about a lock that another has. */
export interface LockOptions {
  /** Whether to wait until it is released; if not (the default), it is refused at once. */
  readonly wait?: boolean;
  /** Ends the waiting. */
  readonly signal?: AbortSignal | undefined;
}

/** How a lock was had. */
export interface HeldLock {
  /** Whether the former holder may be alive after all (it was silent for long): what it writes to is not to be shared. */
  readonly isDoubtful: boolean;
  /** Whether it is still ours; a process that is stopped for long can lose it to one on another machine. */
  isHeld(): Promise<boolean>;
  release(): Promise<void>;
}

/**
 * Holds a file, of all processes alone: it exists while it is held, says who holds it and is touched every five seconds. The
 * lock of a process that is gone is taken over; so is, where that cannot be known (another machine, or a system that does
 * not say when a process started), one that has not been touched for thirty seconds.
 *
 * @throws LockedError if another holds it and `wait` is not asked for, ConfigError for what is no path
 * @throws the reason of the signal, if it is aborted
 */
export async function acquireLock(path: string, options: LockOptions = {}): Promise<HeldLock> {
  requireArgument(isPath(path), 'acquireLock', 'the path of a file', path);
  requireArgument(isRecord(options), 'acquireLock', 'an object of options', options);
  const { wait = false, signal } = options;
  const own = describeOwner();
  let isDoubtful = false;
  for (let attempt = 1; !(await create(path, own)); attempt++) {
    const { content, state } = await holderOf(path);
    if (state === 'silent') isDoubtful = true;
    const isFree = state === 'released' || (state !== 'alive' && (await takeAway(path, content)));
    if (wait) await pause(isFree ? 0 : pollEvery, signal);
    else if (!isFree || attempt === mostAttempts) throw locked(path, content);
  }
  const isHeld = async () => (await read(path)) === own;
  const touch = async () => {
    if (await isHeld()) await utimes(path, new Date(), new Date());
  };
  const timer = setInterval(() => void touch().catch(() => undefined), heartbeat);
  timer.unref();
  return {
    isDoubtful,
    isHeld,
    async release() {
      clearInterval(timer);
      if (await isHeld()) await rm(path, { force: true });
      else releasedHere.add(own);
    },
  };
}

/** Whether a process that lives holds a file by {@link acquireLock}. Nothing is changed. @throws StorageError for one that cannot be read */
export async function isLocked(path: string): Promise<boolean> {
  requireArgument(isPath(path), 'isLocked', 'the path of a file', path);
  try {
    return (await holderOf(path)).state === 'alive';
  } catch (error) {
    throw asStorageError(error, path);
  }
}

/** Makes a lock, at once with its content: of one who died between the two nobody could tell that he is dead. */
async function create(path: string, content: string): Promise<boolean> {
  for (;;) {
    if (existsSync(path)) return false;
    await makeFolder(dirname(path));
    const draft = `${path}.${randomUUID()}`;
    try {
      await writeFile(draft, content, { flag: 'wx' });
      await link(draft, path).catch((error) => {
        if (!hasNoLinks(error)) throw error;
        return writeFile(path, content, { flag: 'wx' });
      });
      return true;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST') return false;
      if (code !== 'ENOENT') throw error; // else the folder, or the draft with it, went in between
    } finally {
      await rm(draft, { force: true });
    }
  }
}

/** Whether a file system refuses every link, as those of memory cards do. */
function hasNoLinks({ code }: NodeJS.ErrnoException): boolean {
  return code === 'EPERM' || code === 'ENOTSUP' || code === 'EOPNOTSUPP' || code === 'ENOSYS';
}

async function holderOf(path: string): Promise<{ content: string; state: 'alive' | 'gone' | 'silent' | 'released' }> {
  const content = await read(path);
  if (content === undefined) return { content: '', state: 'released' };
  if (releasedHere.has(content)) return { content, state: 'gone' };
  const owner = parseOwner(content);
  const lives = owner && isAlive(owner);
  if (lives !== undefined) return { content, state: lives ? 'alive' : 'gone' };
  const touched = await stat(path).catch(() => undefined);
  return { content, state: touched && Date.now() - touched.mtimeMs > staleAfter ? 'silent' : 'alive' };
}

/**
 * Removes a lock with this content, and no other that has come in its place: only who has made the mark that belongs to the
 * content may do so, and looks again when it is made. The mark is a lock itself, so that of one who died with it, too, is taken
 * away.
 *
 * @returns false if another is at it
 */
async function takeAway(path: string, content: string): Promise<boolean> {
  const mark = `${path}.${createHash('sha256').update(content).digest('hex').slice(0, 16)}`;
  if (!(await create(mark, describeOwner()))) {
    const marker = await holderOf(mark);
    return marker.state === 'released' || (marker.state !== 'alive' && takeAway(mark, marker.content));
  }
  if ((await read(path)) === content) await rm(path, { force: true });
  await rm(mark, { force: true });
  return true;
}

function read(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}

async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(milliseconds, undefined, signal && { signal });
  } catch (error) {
    throw signal?.aborted ? signal.reason : error;
  }
}

function locked(path: string, content: string): LockedError {
  const owner = parseOwner(content);
  const [host] = owner?.host.split(' ') ?? [];
  const who = owner?.pid === process.pid ? 'this process' : `process ${owner?.pid} on ${host}`;
  return new LockedError({
    where: path,
    expected: 'one writer at a time',
    received: owner ? `a second one, while ${who} is at work` : 'a second one, while another is at work',
    hint: 'Wait until it is done, or name another place.',
  });
}
