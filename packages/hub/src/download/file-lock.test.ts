import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../test-files';
import { acquireLock } from './file-lock';

const lockPath = () => join(temporaryFolder(), 'lock');

describe('acquireLock', () => {
  it('lets one in at a time, whoever comes', async () => {
    const path = lockPath();
    let inside = 0;
    const visit = async () => {
      const lock = await acquireLock(path, undefined);
      expect(++inside).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 5));
      inside--;
      expect(lock.isDoubtful).toBe(false);
      await lock.release();
    };
    await Promise.all([visit(), visit(), visit()]);
    expect(existsSync(path)).toBe(false);
  });

  it('takes the lock of a process that is gone', async () => {
    const path = lockPath();
    const { pid } = spawnSync(process.execPath, ['--version']);
    writeFileSync(path, `${pid} ${hostname()} x`);
    const lock = await acquireLock(path, undefined);
    expect(lock.isDoubtful).toBe(false);
    await lock.release();
  });

  it('takes, with doubt, a lock that nobody has touched for long, and waits for one that is touched', async () => {
    const path = lockPath();
    writeFileSync(path, '1 another-host x');
    const waiting = acquireLock(path, AbortSignal.timeout(250));
    await expect(waiting).rejects.toThrow('timeout');
    const longAgo = new Date(Date.now() - 40_000);
    utimesSync(path, longAgo, longAgo);
    const lock = await acquireLock(path, undefined);
    expect(lock.isDoubtful).toBe(true);
    expect(await lock.isHeld()).toBe(true);
    writeFileSync(path, '1 another-host y'); // it went the same way
    expect(await lock.isHeld()).toBe(false);
    await lock.release();
    expect(readdirSync(dirname(path))).toEqual(['lock']); // another's is left alone
  });
});
