import { appendFile, mkdtemp, readFile, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FinishedTrainings } from './finished-trainings';
import type { Training } from './job';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trainings-'));
  path = join(folder, 'finished.jsonl');
});
afterEach(() => rm(folder, { recursive: true }));

const training = (seed: number) => ({ task: 'digits', method: 'concat', seed }) as Training;

it('gives back what was added, also to a start that goes on', async () => {
  const first = await FinishedTrainings.open(path);
  expect(first.all).toEqual([]);
  first.add(training(0));
  first.add(training(1));
  const next = await FinishedTrainings.open(path);
  expect(next.all).toEqual([training(0), training(1)]);
  next.add(training(2));
  expect((await FinishedTrainings.open(path)).all).toEqual([0, 1, 2].map(training));
});

it('loses no more than the training whose line a kill has cut, wherever it was', async () => {
  const trainings = await FinishedTrainings.open(path);
  trainings.add(training(0));
  const whole = (await readFile(path)).length;
  trainings.add(training(1));
  const { length } = await readFile(path);
  for (let cut = whole; cut < length - 1; cut++) {
    await truncate(path, cut);
    const next = await FinishedTrainings.open(path);
    expect(next.all).toEqual([training(0)]);
    next.add(training(1));
    expect((await FinishedTrainings.open(path)).all).toEqual([training(0), training(1)]);
    await truncate(path, whole);
    await appendFile(path, `\n${JSON.stringify(training(1))}\n`);
  }
});
