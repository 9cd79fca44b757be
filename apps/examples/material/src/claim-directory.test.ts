import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '@polymodal/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { claimDirectory } from './claim-directory';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'claim-'));
});
afterEach(() => rm(folder, { recursive: true }));

const claim = (directory = folder) =>
  claimDirectory(directory, {
    names: ['mean-0', 'report.html', 'samples'],
    isResults: ({ seeds }) => seeds === 1,
  });

describe('claimDirectory', () => {
  it('makes a new folder, takes an empty one and one with files of other names', async () => {
    await claim(join(folder, 'deep', 'down'));
    await claim();
    await writeFile(join(folder, 'notes.txt'), 'mine');
    await claim();
    expect(await readFile(join(folder, 'notes.txt'), 'utf8')).toBe('mine');
  });

  it('takes the folder of an earlier start, finished or interrupted', async () => {
    await claim();
    await writeFile(join(folder, 'report.html'), '');
    await claim();
    await writeFile(join(folder, 'results.json'), '{"seeds": 1}');
    await claim();
  });

  it.each(['report.html', 'samples', 'mean-0', 'results.json'])('refuses to replace a %s of others', async (name) => {
    await writeFile(join(folder, name), 'mine');
    await expect(claim()).rejects.toBeInstanceOf(ConfigError);
    await expect(claim()).rejects.toThrow(`${join(folder, name)}: expected`);
  });

  it('refuses what others wrote beside a folder that looks like a training', async () => {
    await mkdir(join(folder, 'mean-0'));
    await writeFile(join(folder, 'mean-0', 'config.json'), '{}');
    await writeFile(join(folder, 'report.html'), 'mine');
    await expect(claim()).rejects.toThrow(ConfigError);
  });

  it.each(['{"seeds": 2}', 'null', '{'])('refuses a results.json with %s', async (content) => {
    await writeFile(join(folder, 'results.json'), content);
    await expect(claim()).rejects.toThrow('expected the results of an earlier start');
  });

  it('refuses a file', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(claim(join(folder, 'file'))).rejects.toBeInstanceOf(ConfigError);
  });
});
