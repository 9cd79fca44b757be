import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '@polymodal/core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FinishedTrainings } from './finished-trainings';
import { claimTrainings, finishedPath, forgetTrainings } from './trainings-folder';

let folder: string;
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'trainings-')), 'trainings');
});
afterEach(() => rm(join(folder, '..'), { recursive: true }));

it('claimTrainings goes on with the same settings, from the time when the first start began', async () => {
  const started = await claimTrainings(folder, { seeds: 3 });
  expect(await claimTrainings(folder, { seeds: 3 })).toBe(started);
});

it('claimTrainings refuses trainings of other settings, unless they are forgotten', async () => {
  await claimTrainings(folder, { seeds: 3 });
  await writeFile(finishedPath(folder), '{"task": "digits"}\n');
  await expect(claimTrainings(folder, { seeds: 1 })).rejects.toThrow(ConfigError);
  await forgetTrainings(folder);
  await claimTrainings(folder, { seeds: 1 });
  expect((await FinishedTrainings.open(finishedPath(folder))).all).toEqual([]);
});

it.each(['not json', 'null', '{"of": 3}'])(
  'claimTrainings refuses a config.json that it did not write: %s',
  async (content) => {
    await mkdir(folder);
    await writeFile(join(folder, 'config.json'), content);
    await expect(claimTrainings(folder, { seeds: 3 })).rejects.toThrow(
      /config\.json: .* something that this bench did not write/,
    );
  },
);
