import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Who holds a lock, as the lock's file says it. */
export interface LockOwner {
  readonly pid: number;
  /** When the process started, where the system tells (Linux): numbers of processes are used again. */
  readonly started: string | undefined;
  readonly host: string;
}

/** This process. */
export function ownerHere(): LockOwner {
  return { pid: process.pid, started: startOf(process.pid), host: here() };
}

/** The content of a new lock of this process; no other lock has the same. */
export function describeOwner(): string {
  return JSON.stringify({ ...ownerHere(), id: randomUUID() });
}

/** What a lock's file says; undefined where it says nothing, as one that is just being written. */
export function parseOwner(content: string): LockOwner | undefined {
  try {
    const { pid, started, host } = JSON.parse(content);
    return typeof pid === 'number' && typeof host === 'string' ? { pid, started, host } : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the process lives; undefined where that cannot be known from here. */
export function isAlive({ pid, started, host }: LockOwner): boolean | undefined {
  if (host !== here()) return undefined;
  if (!isRunning(pid)) return false;
  const present = startOf(pid);
  return started === undefined || present === undefined ? undefined : present === started;
}

/** Numbers of processes mean something within a host, and on Linux within a container of it. */
function here(): string {
  try {
    return `${hostname()} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0); // signal 0 only asks
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Field 22 of Linux's /proc/<pid>/stat; 'ended' for a process that has ended and whose parent has not asked yet. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [state, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // a name may have spaces and brackets
    return state === 'Z' || state === 'X' ? 'ended' : rest[18];
  } catch {
    return undefined;
  }
}
