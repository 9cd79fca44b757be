import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runProcesses } from './run-processes';

let folder: string;
let script: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'processes-'));
  script = join(folder, 'worker.mjs');
  await writeFile(
    script,
    `process.once('message', ({ say, fail, wait }) => {
      if (fail) throw new Error('this one fails');
      if (wait) return setInterval(() => {}, 1000);
      for (const word of say) process.send(word + '!');
    });`,
  );
});
afterEach(() => rm(folder, { recursive: true }));

const { signal } = new AbortController();

it('runs each job, and hands on what they say', async () => {
  const said: string[] = [];
  const jobs = [['a', 'b'], ['c'], [], ['d']].map((say) => ({ say }));
  await runProcesses<string>(jobs, { script, workers: 2, signal, onMessage: (word) => said.push(word) });
  expect(said.sort()).toEqual(['a!', 'b!', 'c!', 'd!']);
});

it('throws what a process that fails has printed, and begins no other job', async () => {
  const said: string[] = [];
  const jobs = [{ say: ['a'] }, { fail: true }, { say: ['b'] }];
  const run = runProcesses<string>(jobs, { script, workers: 1, signal, onMessage: (word) => said.push(word) });
  await expect(run).rejects.toThrow('this one fails');
  expect(said).toEqual(['a!']);
});

it('ends processes at once where the signal aborts', async () => {
  const stopping = new AbortController();
  const jobs = [{ say: ['a'] }, { wait: true }, { say: ['b'] }];
  const onMessage = () => stopping.abort(new Error('stopped'));
  const run = runProcesses<string>(jobs, { script, workers: 2, signal: stopping.signal, onMessage });
  await expect(run).rejects.toThrow('stopped');
});
