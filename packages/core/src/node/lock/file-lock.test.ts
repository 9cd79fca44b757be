import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LockedError } from '../../errors';
import { temporaryFolder } from '../../testing/temporary-folder';
import { acquireLock } from './file-lock';
import { describeOwner, isAlive, parseOwner } from './lock-owner';

const lockPath = () => join(temporaryFolder(), 'inner', 'lock');

/** The content of a lock of this process, changed. */
const ownerWith = (changes: object) => JSON.stringify({ ...JSON.parse(describeOwner()), ...changes });

function leave(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

const endedProcess = spawnSync(process.execPath, ['--version']).pid;

describe('acquireLock', () => {
  it('lets one in at a time, whoever comes', async () => {
    const path = lockPath();
    let inside = 0;
    const visit = async () => {
      const lock = await acquireLock(path, { wait: true });
      expect(++inside).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 5));
      inside--;
      expect(lock.isDoubtful).toBe(false);
      await lock.release();
    };
    await Promise.all([visit(), visit(), visit()]);
    expect(existsSync(path)).toBe(false);
  });

  it('refuses a second one at once, and says who holds it', async () => {
    const path = lockPath();
    const lock = await acquireLock(path);
    await expect(acquireLock(path)).rejects.toThrow(LockedError);
    await expect(acquireLock(path)).rejects.toThrow('while this process is at work');
    await lock.release();
    leave(path, ownerWith({ pid: process.ppid, started: undefined }));
    await expect(acquireLock(path)).rejects.toThrow(`while process ${process.ppid} on `);
  });

  it('takes the lock of a process that is gone, once, however many want it', async () => {
    for (let round = 0; round < 20; round++) {
      const path = lockPath();
      leave(path, ownerWith({ pid: endedProcess }));
      const taken = await Promise.allSettled(Array.from({ length: 8 }, () => acquireLock(path)));
      const held = taken.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
      expect(held).toHaveLength(1);
      expect(held[0].isDoubtful).toBe(false);
      for (const outcome of taken)
        if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(LockedError);
      await held[0].release();
      expect(readdirSync(dirname(path))).toEqual([]);
    }
  });

  it('takes a lock over from one who died while taking it over', async () => {
    const path = lockPath();
    leave(path, ownerWith({ pid: endedProcess }));
    const mark = createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 16);
    leave(`${path}.${mark}`, ownerWith({ pid: endedProcess }));
    const lock = await acquireLock(path);
    await lock.release();
    expect(readdirSync(dirname(path))).toEqual([]);
  });

  it('takes, with doubt, a lock of elsewhere that nobody has touched for long, and waits for one that is touched', async () => {
    const path = lockPath();
    leave(path, ownerWith({ host: 'another' }));
    await expect(acquireLock(path, { wait: true, signal: AbortSignal.timeout(250) })).rejects.toThrow('timeout');
    const longAgo = new Date(Date.now() - 40_000);
    utimesSync(path, longAgo, longAgo);
    const lock = await acquireLock(path);
    expect(lock.isDoubtful).toBe(true);
    expect(await lock.isHeld()).toBe(true);
    writeFileSync(path, ownerWith({ host: 'yet another' })); // it went the same way
    expect(await lock.isHeld()).toBe(false);
    await lock.release();
    expect(readdirSync(dirname(path))).toEqual(['lock']); // another's is left alone
  });
});

describe('isAlive', () => {
  it('knows this process, and that a process of the same number which started at another time is another', () => {
    const owner = parseOwner(describeOwner())!;
    if (process.platform !== 'linux') return;
    expect(isAlive(owner)).toBe(true);
    expect(isAlive({ ...owner, started: '1' })).toBe(false);
    expect(isAlive({ ...owner, host: 'another' })).toBeUndefined();
  });

  it.runIf(process.platform === 'linux')('takes a process that ended and was not asked for as gone', async () => {
    const shell = spawn('sh', ['-c', 'sleep 60 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
    const pid = Number(await new Promise((resolve) => shell.stdout.once('data', resolve)));
    const stat = () => readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ');
    const owner = { ...parseOwner(describeOwner())!, pid, started: stat()[21] };
    await expect.poll(() => readFileSync(`/proc/${shell.pid}/comm`, 'utf8')).toBe('sleep\n'); // which never asks
    expect(isAlive(owner)).toBe(true);
    process.kill(pid, 'SIGKILL');
    await expect.poll(() => stat()[2]).toBe('Z');
    expect(isAlive(owner)).toBe(false);
    shell.kill('SIGKILL');
  });
});
