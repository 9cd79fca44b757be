import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { runStatus } from './run/run-folder';
import { temporaryFolder } from './testing/temporary-folder';
import { interruptedRunIn, recorder, runIn, tinyRun } from './testing/tiny-run';

/** Is called after each change that a run makes in its folder, as if the process could be killed there. */
let onChange: (() => void) | undefined;

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  const watched =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A) => {
      const result = await call(...args);
      onChange?.();
      return result;
    };
  const { mkdir, open, rename, rm } = real;
  return { ...real, mkdir: watched(mkdir), open: watched(open), rename: watched(rename), rm: watched(rm) };
});

const root = temporaryFolder();
const straight = join(root, 'straight');

const read = (directory: string, file: string) => readFileSync(join(directory, file));
const metrics = (directory: string) =>
  read(directory, 'metrics.jsonl')
    .toString()
    .replaceAll(/"(seconds|dataWait)":[\d.e+-]+|"pace":\{[^}]*\}/g, '');

const endedProcess = spawnSync(process.execPath, ['--version']).pid;

/** Makes the locks in a run those of a process which is gone. */
function killOwner(directory: string): void {
  for (const folder of [directory, join(directory, 'model')]) {
    const lock = join(folder, '.polymodal', 'lock');
    if (!existsSync(lock)) continue;
    writeFileSync(lock, JSON.stringify({ ...JSON.parse(readFileSync(lock, 'utf8')), pid: endedProcess }));
  }
}

/** Asserts that a run came to the very end of the one that ran straight through. */
function expectSameEnd(directory: string): void {
  expect(runStatus(directory)).toBe('finished');
  const [own, wanted] = [directory, straight].map((run) => read(run, 'model/model.safetensors'));
  expect(own.equals(wanted)).toBe(true);
  expect(metrics(directory)).toBe(metrics(straight));
}

describe('a run in a folder', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
    await runIn(straight);
  });

  it('ends with config, data, metrics, model, report and summary', () => {
    expect(readdirSync(straight).sort()).toEqual(
      [
        'checkpoints',
        'config.json',
        'data.jsonl',
        'evaluate.jsonl',
        'metrics.jsonl',
        'model',
        'report.html',
        'summary.json',
      ].sort(),
    );
    const lines = read(straight, 'metrics.jsonl')
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const steps = lines.filter(({ type }) => type === 'step');
    expect(steps.map(({ step }) => step)).toEqual(steps.map((_, i) => i + 1));
    const epochs = lines.filter(({ type }) => type === 'epoch');
    expect(epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4]);
    for (const { epoch, loss, losses } of epochs) {
      const own = steps.filter((step) => step.epoch === epoch).map((step) => step.loss);
      expect(loss).toBeCloseTo(own.reduce((sum, value) => sum + value, 0) / own.length, 12);
      const terms = steps.filter((step) => step.epoch === epoch).map((step) => step.terms.digit.crossEntropy);
      const [sum, count] = ['sum', 'count'].map((key) => terms.reduce((total, term) => total + term[key], 0));
      expect(losses.digit).toBeCloseTo(sum / count, 12);
      expect(count).toBe(tinyRun.data.length);
    }
  });

  it('goes on from whatever a killed process leaves, and ends with the same bytes as one that ran straight through', async () => {
    const directory = join(root, 'watched');
    const copies: string[] = [];
    // Of more than a hundred moments every fifteenth: a copy is what a process killed there leaves.
    let countdown = 7;
    onChange = () => {
      if (countdown-- > 0) return;
      countdown = 14;
      copies.push(join(root, `killed-${copies.length}`));
      cpSync(directory, copies.at(-1)!, { recursive: true });
      killOwner(copies.at(-1)!);
    };
    await runIn(directory);
    onChange = undefined;
    expect(copies.length).toBeGreaterThan(6);
    for (const copy of copies) {
      await runIn(copy);
      expectSameEnd(copy);
    }
  });

  it('stops after the current step when the signal says so, and goes on with the same bytes', async () => {
    const directory = join(root, 'aborted');
    const controller = new AbortController();
    const first = await runIn(directory, {
      signal: controller.signal,
      checkpointEvery: { epochs: 3 },
      onEpoch: ({ epoch }) => {
        if (epoch === 2) controller.abort();
      },
    });
    expect(first.status).toBe('interrupted');
    expect(first.epochs).toHaveLength(2);
    const checkpoint = `${String(first.steps).padStart(9, '0')}.json`;
    expect(readdirSync(join(directory, 'checkpoints'))).toContain(checkpoint);
    expect(runStatus(directory)).toBe('unfinished');
    const second = await runIn(directory);
    expect(second.status).toBe('finished');
    expect(second.epochs).toHaveLength(4);
    expectSameEnd(directory);
  });

  it('goes on in the middle of an epoch of samples in blocks, unless these lie otherwise', async () => {
    const { data } = tinyRun;
    const inBlocks = (atOnce: number) => ({
      length: data.length,
      get: (index: number) => data[index],
      blocks: { blockOf: (index: number) => Math.floor(index / 4), atOnce },
    });
    const [whole, cut] = ['blocks-whole', 'blocks-cut'].map((name) => join(root, name));
    const { steps: all } = await runIn(whole, { data: inBlocks(3) });
    const controller = new AbortController();
    let asked = 0;
    const { get, ...rest } = inBlocks(3);
    const counted = {
      ...rest,
      get(index: number) {
        if (++asked === 110) controller.abort();
        return get(index);
      },
    };
    const { status, steps } = await runIn(cut, { data: counted, cacheBytes: 0, signal: controller.signal });
    expect(status).toBe('interrupted');
    expect(steps % (all / 4)).toBeGreaterThan(0);
    await expect(runIn(cut, { data: inBlocks(2) })).rejects.toThrow(/training\.blocks\.data/);
    await expect(runIn(cut)).rejects.toThrow(/training\.blocks/);
    await runIn(cut, { data: inBlocks(3) });
    const [own, wanted] = [cut, whole].map((run) => read(run, 'model/model.safetensors'));
    expect(own.equals(wanted)).toBe(true);
    expect(metrics(cut)).toBe(metrics(whole));
    expect(read(whole, 'model/model.safetensors').equals(read(straight, 'model/model.safetensors'))).toBe(false);
  });

  it('takes the checkpoint before one that is torn, and says so', async () => {
    const directory = join(root, 'torn');
    await interruptedRunIn(directory);
    const [, newest] = readdirSync(join(directory, 'checkpoints')).filter((file) => file.endsWith('.safetensors'));
    const path = join(directory, 'checkpoints', newest);
    truncateSync(path, readFileSync(path).length - 100);
    const { stream, text } = recorder();
    await runIn(directory, { progress: stream });
    expect(text()).toContain(`${newest} is damaged`);
    expectSameEnd(directory);
  });

  it('overlooks what a crash in the middle of a checkpoint leaves: tensors without a manifest, half a manifest', async () => {
    const directory = join(root, 'half');
    await interruptedRunIn(directory);
    writeFileSync(join(directory, 'checkpoints', '000000999.safetensors'), 'half');
    writeFileSync(join(directory, 'checkpoints', '000000998.json'), '{"sha256":');
    await runIn(directory);
    expectSameEnd(directory);
    expect(readdirSync(join(directory, 'checkpoints')).filter((file) => /99[89]/.test(file))).toEqual([]);
  });

  it('gives the model and result of a finished run again, and trains anew only if told to', async () => {
    const before = read(straight, 'model/model.safetensors');
    const again = await runIn(straight);
    expect(again.status).toBe('finished');
    expect(again.epochs).toHaveLength(4);
    expect(read(straight, 'model/model.safetensors').equals(before)).toBe(true);
    const { stream, text } = recorder();
    await runIn(straight, { resume: false, epochs: 1, progress: stream });
    expect(text()).toContain('epoch 1/1');
    expect(read(straight, 'model/model.safetensors').equals(before)).toBe(false);
  });
});
