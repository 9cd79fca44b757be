import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { temporaryPath } from '@polymodal/core/node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readChecked, writeChecked } from './checked-file';

let folder: string;
let path: string;
const parts = [Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5)];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'checked-'));
  path = join(folder, 'deeper', 'data.bin');
});
afterEach(() => rm(folder, { recursive: true }));

describe('a checked file', () => {
  it('gives back what was written, and nothing before that', async () => {
    expect(await readChecked(path)).toBeUndefined();
    await writeChecked(path, parts);
    expect([...(await readChecked(path))!]).toEqual([1, 2, 3, 4, 5]);
    expect(await readdir(join(folder, 'deeper'))).toEqual(['data.bin']);
  });

  it('notices any changed byte and any cut', async () => {
    await writeChecked(path, parts);
    const whole = await readFile(path);
    for (let i = 0; i < whole.length; i++) {
      const broken = Buffer.from(whole);
      broken[i] ^= 0x10;
      await writeFile(path, broken);
      expect(await readChecked(path)).toBeUndefined();
    }
    for (const length of [0, 10, 32, whole.length - 1]) {
      await writeFile(path, whole);
      await truncate(path, length);
      expect(await readChecked(path)).toBeUndefined();
    }
  });

  it('leaves nothing when the writing is stopped, and the old content where there was one', async () => {
    await writeChecked(path, parts);
    const stopped = AbortSignal.abort(new Error('stopped'));
    await expect(writeChecked(path, [Uint8Array.of(9)], stopped)).rejects.toThrow('stopped');
    expect([...(await readChecked(path))!]).toEqual([1, 2, 3, 4, 5]);
    expect(await readdir(join(folder, 'deeper'))).toEqual(['data.bin']);
  });

  it('clears away what a killed process left, but not what a living one is writing', async () => {
    await writeChecked(path, parts);
    const living = temporaryPath(path);
    const dead = living.replace(`-${process.pid}-`, `-${2 ** 22 + 1}-`); // above the largest process id of Linux and of macOS
    const another = `${path}.tmp`;
    for (const leftover of [living, dead, another]) await writeFile(leftover, 'half');
    await writeChecked(path, parts);
    expect((await readdir(join(folder, 'deeper'))).sort()).toEqual(
      [path, living, another].map((name) => basename(name)).sort(),
    );
  });
});
